interface FlagBase {
  /** One line for `--help`. */
  readonly help: string;
  /** Environment variable that is used when the flag is not given. */
  readonly env?: string;
  /** What stands for the value in `--help`. */
  readonly placeholder?: string;
}

export interface StringFlag extends FlagBase {
  readonly type: "string";
  readonly default?: string;
  /** The only values allowed. */
  readonly choices?: readonly string[];
}

export interface NumberFlag extends FlagBase {
  readonly type: "number";
  readonly default?: number;
  readonly min: number;
  readonly max: number;
  /** Default true. */
  readonly integer?: boolean;
}

export interface NumberChoiceFlag extends FlagBase {
  readonly type: "number";
  readonly default?: number;
  /** The only values allowed. */
  readonly choices: readonly number[];
}

export interface BooleanFlag extends FlagBase {
  readonly type: "boolean";
}

export type Flag = StringFlag | NumberFlag | NumberChoiceFlag | BooleanFlag;
/** By name, without the dashes. `help` and `version` exist beside them, always. */
export type Flags = Readonly<Record<string, Flag>>;

type Given<F extends Flag> = F extends BooleanFlag
  ? boolean
  : F extends { readonly choices: readonly (infer C)[] }
    ? C
    : F extends NumberFlag
      ? number
      : string;

type FlagValue<F extends Flag> = F extends BooleanFlag | { readonly default: string | number }
  ? Given<F>
  : Given<F> | undefined;

export type FlagValues<T extends Flags> = { readonly [K in keyof T]: FlagValue<T[K]> };
