/**
 * The part of HiGHS that is used here. The types of the package describe its CommonJS file, in which the
 * loader is one level deeper than in the module that is loaded.
 */
declare module "highs" {
  export default function loadHighs(): Promise<Highs>;

  export interface Highs {
    readonly constants: {
      readonly modelStatus: {
        readonly empty: number;
        readonly optimal: number;
        readonly infeasible: number;
        readonly unboundedOrInfeasible: number;
      };
    };
    createModel(data: object): HighsModel;
  }

  export interface HighsModel {
    readonly options: { set(name: string, value: number | boolean | string): void };
    readonly info: { get(name: string): number | bigint };
    setSolution(solution: { readonly colValue: Float64Array }): void;
    run(): void;
    getModelStatus(): number;
    getSolution(): { readonly colValue: Float64Array };
    dispose(): void;
  }
}
