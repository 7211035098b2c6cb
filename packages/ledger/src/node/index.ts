export {
  type BlockReader,
  type BlockSource,
  openBlockReader,
  storedResultAt,
} from "./store/block-reader.ts";
export { BlockStore } from "./store/block-store.ts";
export {
  blocksPerSnapshot,
  ChainStore,
  replayChain,
  storedBlock,
} from "./store/chain-store.ts";
export type { StoredBlock } from "./store/stored-block.ts";
