import type { Scene } from "./scene.js";

export interface RowContext {
  readonly scene: Scene;
  /** The largest message that both sides take. */
  readonly maxMessageBytes: number;
}

/** What one row of the matrix does with a connection. It throws where an implementation does not do as it should. */
export type Row = (context: RowContext) => Promise<void>;

export type Rows<Name extends string> = Readonly<Record<Name, Row>>;
