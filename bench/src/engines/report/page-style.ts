/** One page, light or dark as the reader's system says, also on paper. Inks are 3:1 or better on their ground. */
export const pageStyle = `
:root { color-scheme: light dark; --text: #17211e; --quiet: #52605b; --paper: #ffffff; --line: #d5dad7; --edge: #6b7a74; --good: #1b6b3a; --bad: #a3211b; --link: #0b6e63;
--poa: #0b6e63; --pbft: #b4530a; --linear: #4b4fa8; --sbft: #a0246b; --hotstuff: #6b5f00; --pow: #5a6570; --poa-published: #8a3b2a; --raft: #1d6fb8; --published: #17211e; --six-blocks: #4b4fa8; --final: #0b6e63; --included: #b4530a; }
@media (prefers-color-scheme: dark) { :root { --text: #e6edea; --quiet: #a3b1ab; --paper: #101614; --line: #33403b; --edge: #8b9a94; --good: #7fd49b; --bad: #ff9c94; --link: #5cc7b8;
--poa: #5cc7b8; --pbft: #f2a65e; --linear: #a9aef5; --sbft: #f08bc4; --hotstuff: #d8cb5a; --pow: #aab6c0; --poa-published: #e0937f; --raft: #7fbdf5; --published: #e6edea; --six-blocks: #a9aef5; --final: #5cc7b8; --included: #f2a65e; } }
* { box-sizing: border-box; }
body { font: 16px/1.5 system-ui, sans-serif; color: var(--text); background: var(--paper); max-width: 64rem; margin: 0 auto; padding: 1rem; overflow-wrap: anywhere; } table { overflow-wrap: normal; }
h1 { line-height: 1.2; } h2 { margin: 2.5rem 0 .5rem; border-top: 1px solid var(--line); padding-top: 1rem; } h3 { margin: 1.75rem 0 .5rem; }
a { color: var(--link); } p, li { max-width: 46rem; } .quiet { color: var(--quiet); }
:focus-visible { outline: 3px solid var(--link); outline-offset: 2px; }
table { border-collapse: collapse; width: 100%; min-width: 44rem; font-size: .9375rem; } details table { min-width: 0; } th, td { border-bottom: 1px solid var(--line); padding: .25rem .75rem .25rem 0; text-align: left; vertical-align: top; }
thead th { font-weight: 600; } tbody th { font-weight: 400; } td.n { text-align: right; font-variant-numeric: tabular-nums; white-space: nowrap; }
caption { text-align: left; font-weight: 600; padding: .5rem 0; } .scroll { overflow-x: auto; } code { overflow-wrap: anywhere; }
.met { color: var(--good); } .missed { color: var(--bad); font-weight: 600; }
figure { margin: 1.5rem 0; } figcaption { font-weight: 600; } details { margin: .25rem 0 0; } summary { cursor: pointer; color: var(--quiet); }
.legend { display: flex; flex-wrap: wrap; gap: .25rem 1.25rem; list-style: none; padding: 0; margin: .25rem 0 .5rem; } .legend svg { vertical-align: middle; }
svg.plot { display: block; max-width: 100%; min-width: 34rem; height: auto; } svg text { fill: var(--text); font: 13px system-ui, sans-serif; }
svg .grid { stroke: var(--line); stroke-width: 1; } svg .axis { stroke: var(--edge); stroke-width: 1; }
nav ul { columns: 2 18rem; padding-left: 1.25rem; }
@media print { body { max-width: none; padding: 0; } h2 { break-after: avoid; } figure, tr { break-inside: avoid; } .scroll { overflow: visible; } details::details-content { content-visibility: visible; } }`;
