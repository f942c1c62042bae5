/* Stands in until `dharura contract` writes it. */
export const HAZARDS = ["flood","fire","road-crash","landslide","drought","disease","security","structure-collapse","drowning","earthquake","storm","other"] as const;
export type Hazard = (typeof HAZARDS)[number];
export const SEVERITIES = ["Extreme", "Severe", "Moderate", "Minor", "Unknown"] as const;
export type Severity = (typeof SEVERITIES)[number];
export interface Part { name: string; value: number; why: string }
export interface Candidate { ward: string; name?: string; confidence?: number; why?: string; lon?: number; lat?: number }
export interface Claim { by: string; by_name: string; at: string; until: string }
export interface Report { id: string; reference: string; state: "received"|"waiting"|"located"|"repeated"|"dismissed"; channel: string; text?: string; reporter?: string; reporter_name?: string; at: string; seen?: string; ward?: string; ward_name?: string; lon?: number|null; lat?: number|null; how?: string; confidence?: number; hazard?: Hazard|null; severity?: Severity; candidates?: Candidate[]; parts?: Part[]; code?: string|null; detail?: string|null; question?: string|null; incident?: string; of?: string; why?: string; reason?: string; dismissed_by?: string; source_kind?: string; edge_m?: number|null; claim?: Claim|null; asked?: { question: string; by: string; at: string }|null }
export interface Incident { id: string; reference: string; state: "open"|"closed"|"merged"; reports: number; hazard: Hazard; severity: Severity; ward: string; ward_name: string; lon: number; lat: number; evidence: number; text?: string; parts?: Part[]; why?: Part[]; observers?: string[]; opened_at: string; last_at: string; asked: number; going: number; exhausted?: string[]; reason?: string; into?: string|null; merged?: string[]; merged_by?: string; merged_at?: string; closed_at?: string|null; closed_by?: string|null; split_from?: string; claim?: Claim|null }
export interface Assignment { id: string; state: "offered"|"accepted"|"declined"|"expired"|"withdrawn"|"enroute"|"arrived"|"done"; code: string; incident: string; responder: string; responder_name: string; need: string; rung: string; attempt: number; deadline: string; hazard: Hazard; severity: Severity; ward: string; ward_name: string; lon: number; lat: number; reason?: string; text?: string; distance_m?: number|null; parts?: Part[]; asked_by?: string; offered_at: string; seen_at?: string; via?: string; answered_at?: string; enroute_at?: string; arrived_at?: string; done_at?: string }
export interface Responder { id: string; name: string; title?: string; organisation?: string; phone?: string; skills?: string[]; home: string; languages?: string[]; has_app?: boolean; lon?: number|null; lat?: number|null; accuracy_m?: number|null; fix_at?: string|null; on_shift: boolean; shift_at?: string; key?: string }
export interface CapArea { description: string; polygons?: [number, number][][]; geocodes?: { name: string; value: string }[] }
export interface CapInfo { event: string; urgency: string; severity: Severity; certainty: string; language?: string; headline?: string; description?: string; instruction?: string; effective?: string; expires?: string; sender_name?: string; areas?: CapArea[] }
export interface Cap { identifier: string; sender: string; sent: string; status: string; msg_type: string; scope: string; infos: CapInfo[] }
export interface Alert { id: string; state: "draft"|"issued"|"superseded"|"cancelled"|"rejected"|"expired"; cap: Cap; confirmed?: Record<string, { by: string; how: string; at: string }>; drafted_at?: string; issued_at?: string; overdue?: boolean; followed_by?: string; claim?: Claim|null; wards?: unknown[] }
export interface Gauge { id: string; name?: string; river?: string; lon?: number; lat?: number; level?: number; level_at?: string; rate_per_hour?: number|null; mark?: string; unit?: string; datum?: string; heard_at?: string; crossed?: { mark: string; direction: string; at: string; value: number }; flags?: { flag: string; at: string; value?: number; detail?: string }[] }
export interface Message { id: string; state: string; kind?: string; channel?: string; to?: string; text?: string; about?: string; at?: string }
export interface Deadletter { id: string; state: string; code?: string; detail?: string; step?: string; at: string }
export interface Documents { report: Report; incident: Incident; assignment: Assignment; responder: Responder; alert: Alert; gauge: Gauge; message: Message; deadletter: Deadletter }
export type Frame =
  | { type: "welcome"; position: string; epoch: string; heartbeat_s: number; viewer: { account: string; person: string|null; grants: [string,string][] }; view: string; expires_in_s: number; retry_after_ms: number }
  | { type: "resync"; reason: string }
  | { type: "snapshot"; position: string; part: number; of: number; documents: { kind: string; id: string; value: unknown }[] }
  | { type: "change"; position: string; op: "put"|"gone"; kind: string; id: string; value?: unknown; cause: string; at: string }
  | { type: "heartbeat"; position: string }
  | { type: "renewed"; expires_in_s: number; view: string }
  | { type: "reply"; ref?: string; id?: string }
  | { type: "pong"; position: string }
  | { type: "error"; code: string; detail: string; ref?: string };
