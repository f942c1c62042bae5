/** Who could be asked to go to an incident, as `GET /incidents/{id}/people` gives it. */
export interface Person {
  readonly responder: string;
  readonly name: string;
  readonly title?: string;
  readonly phone?: string;
  readonly need?: string;
  readonly reason: string;
  readonly score?: number;
  readonly distance_m?: number;
  readonly parts?: readonly { readonly name: string; readonly value: number; readonly why?: string }[];
  /** Already asked for this incident, and what came of it. */
  readonly asked?: string;
}

export interface Need {
  readonly need: string;
  readonly wanted: number;
  readonly going: number;
  readonly asked: number;
}

export interface People {
  readonly items: readonly Person[];
  readonly needs: readonly Need[];
}
