/**
 * What the server shows and says, as types: made from responder_api/documents.py by `dharura contract`. Do not edit.
 *
 * A field that says nothing is left out. Times are RFC 3339 in UTC, positions WGS 84 degrees, ids UUIDs unless said.
 */

export const HAZARDS = [
  "flood",
  "fire",
  "road-crash",
  "landslide",
  "drought",
  "disease",
  "security",
  "structure-collapse",
  "drowning",
  "earthquake",
  "storm",
  "other",
] as const;
export type Hazard = (typeof HAZARDS)[number];

export const SEVERITIES = [
  "Extreme",
  "Severe",
  "Moderate",
  "Minor",
  "Unknown",
] as const;
export type Severity = (typeof SEVERITIES)[number];

export const POSITION_OFS = [
  "incident",
  "reporter",
  "unknown",
] as const;
export type PositionOf = (typeof POSITION_OFS)[number];

export const GROUNDS = [
  "closed",
  "merged",
  "taken",
] as const;
export type Ground = (typeof GROUNDS)[number];

export const LEFT_FORS = [
  "moved",
  "redrawn",
  "ended",
  "off-shift",
] as const;
export type LeftFor = (typeof LEFT_FORS)[number];

export const ROLES = [
  "operator",
  "responder",
  "agency",
  "admin",
] as const;
export type Role = (typeof ROLES)[number];

export const LOCATED_CODES = [
  "inside",
  "near-edge",
  "overlap",
  "nearest",
  "outside-boundaries",
  "named",
  "place-ambiguous",
  "place-unknown",
  "text-empty",
  "position-outside",
  "position-swapped",
  "position-not-a-number",
  "position-out-of-range",
  "position-null-island",
] as const;
export type LocatedCode = (typeof LOCATED_CODES)[number];

export const CHANNELS = [
  "sms",
  "ussd",
  "web",
  "call",
  "officer",
  "app",
] as const;
export type Channel = (typeof CHANNELS)[number];

export const REPORT_STATES = [
  "received",
  "located",
  "waiting",
  "repeated",
  "dismissed",
] as const;
export type ReportState = (typeof REPORT_STATES)[number];

export const INCIDENT_STATES = [
  "open",
  "closed",
  "merged",
] as const;
export type IncidentState = (typeof INCIDENT_STATES)[number];

export const ASSIGNMENT_STATES = [
  "offered",
  "accepted",
  "declined",
  "expired",
  "withdrawn",
  "enroute",
  "arrived",
  "done",
] as const;
export type AssignmentState = (typeof ASSIGNMENT_STATES)[number];

export const PRESENCE_STATES = [
  "inside",
  "left",
] as const;
export type PresenceState = (typeof PRESENCE_STATES)[number];

export const ALERT_STATES = [
  "draft",
  "issued",
  "superseded",
  "cancelled",
  "rejected",
  "expired",
] as const;
export type AlertState = (typeof ALERT_STATES)[number];

export const MESSAGE_STATES = [
  "queued",
  "sending",
  "sent",
  "delivered",
  "failed",
  "recalled",
] as const;
export type MessageState = (typeof MESSAGE_STATES)[number];

export const DEADLETTER_STATES = [
  "open",
  "replayed",
  "dismissed",
] as const;
export type DeadletterState = (typeof DEADLETTER_STATES)[number];

export const MESSAGE_KINDS = [
  "ask",
  "stand-down",
  "warning",
  "receipt",
  "answer-refused",
  "question",
] as const;
export type MessageKind = (typeof MESSAGE_KINDS)[number];

export const MESSAGE_CHANNELS = [
  "sms",
  "webpush",
  "webhook",
  "email",
] as const;
export type MessageChannel = (typeof MESSAGE_CHANNELS)[number];

/** What somebody said, where it was placed, and what became of it. Only operators see reports. */
export interface Report {
  readonly id: string;
  /** Short number that its sender can read out. */
  readonly reference: string;
  /** `waiting`: in the triage queue, its place is not known. `repeated`: the same as `of`. */
  readonly state: ReportState;
  /** When it was said. */
  readonly at: string;
  /** When it reached us. */
  readonly seen: string;
  /** How it reached us. */
  readonly channel: Channel;
  /** As it was sent: may hold anything. */
  readonly text?: string;
  /** Kind of emergency. */
  readonly hazard?: Hazard;
  /** How bad, in CAP's terms. */
  readonly severity?: Severity;
  /** Longitude in degrees. */
  readonly lon?: number;
  /** Latitude in degrees. */
  readonly lat?: number;
  /** Radius around the position, in metres, that the device vouches for. */
  readonly accuracy_m?: number;
  /** Whose position it is. */
  readonly position_of: PositionOf;
  /** Phone number or account of the sender. */
  readonly reporter?: string;
  /** Name the reporter gave. */
  readonly reporter_name?: string;
  /** What kind of source this is; a chief's word goes further than an unknown number's. */
  readonly source_kind: string;
  /** Area path of the ward, once it is known. */
  readonly ward?: string;
  /** Name of the ward. */
  readonly ward_name?: string;
  /** By what its ward was found. */
  readonly how?: "operator" | "point" | "words";
  /** How sure the place is, 0 to 1. */
  readonly confidence?: number;
  /** Metres from the position to the ward's edge. */
  readonly edge_m?: number;
  /** Metres that the position lies outside the ward, which answers for it as the nearest. */
  readonly outside_m?: number;
  /** Wards that it may be in, the likeliest first. */
  readonly candidates?: readonly Candidate[];
  /** What its severity is made of. */
  readonly parts?: readonly Part[];
  /** Why it waits, as a stable code. */
  readonly code?: string;
  /** The reason in words. */
  readonly detail?: string;
  /** What its sender could be asked, so that the place becomes known. */
  readonly question?: string;
  /** What its sender was asked back. */
  readonly asked?: Asked;
  /** The report that this one repeats. */
  readonly of?: string;
  /** Why it is taken for a repeat. */
  readonly why?: string;
  /** Why it was dismissed. */
  readonly reason?: "duplicate" | "hoax" | "not-an-emergency";
  readonly dismissed_by?: string;
  /** The incident that it is part of. */
  readonly incident?: string;
  readonly claim?: Claim;
  /** The systems it was mirrored through, its first writer first, with `/` between them; there it is decided. */
  readonly origin?: string;
}

/** A ward that a report may be in: its area path, confidence 0..1, and why. */
export interface Candidate {
  /** Area path of the ward, as KE.042.242.1208. */
  readonly ward: string;
  /** Name of the ward. */
  readonly name?: string;
  /** How sure the place is, 0 to 1. */
  readonly confidence?: number;
  /** Why, in words. */
  readonly why?: string;
  /** Longitude in degrees. */
  readonly lon?: number;
  /** Latitude in degrees. */
  readonly lat?: number;
  /** Metres from the place to the ward where that is near, 0 where the ward holds it; missing where not known. */
  readonly metres?: number;
}

/** One part of a score: what it is called, what it counted for, and why. */
export interface Part {
  /** What counted. */
  readonly name: string;
  /** For how much it counted. */
  readonly value: number;
  /** Why, in words. */
  readonly why?: string;
}

/** What the sender of a report was asked back, and by whom. */
export interface Asked {
  /** What to ask the sender, so that the place becomes known. */
  readonly question: string;
  /** Account or responder id of the person who did it; empty or a step's name where no person did. */
  readonly by: string;
  readonly at: string;
}

/** Somebody works on this now; it runs out by itself. */
export interface Claim {
  /** Account of the operator. */
  readonly by: string;
  /** Name of the operator, as others know them. */
  readonly by_name?: string;
  readonly at: string;
  /** Until when it holds, unless it is said again. */
  readonly until: string;
}

/** Something that is going on: reports that are about the same, and what is being done. */
export interface Incident {
  readonly id: string;
  /** Short number that a citizen or responder can read out. */
  readonly reference: string;
  /** `merged`: it goes on in `into`. */
  readonly state: IncidentState;
  /** Kind of emergency. */
  readonly hazard: Hazard;
  /** How bad, in CAP's terms. */
  readonly severity: Severity;
  /** Area path of the ward, as KE.042.242.1208. */
  readonly ward: string;
  /** Name of the ward. */
  readonly ward_name: string;
  /** Longitude in degrees. */
  readonly lon: number;
  /** Latitude in degrees. */
  readonly lat: number;
  /** Metres around this place that are its scene: whoever is nearer is there. */
  readonly scene_m?: number;
  /** The words of its first report. */
  readonly text?: string;
  /** How many reports speak of it. */
  readonly reports: number;
  /** How sure it is, 0 to 1; `parts` add up to it. */
  readonly evidence: number;
  /** What the score is made of. */
  readonly parts?: readonly Part[];
  /** Why the last report was taken for the same incident: hazard, distance, time. */
  readonly why?: readonly Part[];
  /** Wards near whose edge it is, or where a report of it is from: they watch, the ward acts. */
  readonly observers?: readonly string[];
  /** By the watching ward's area path: metres from the incident to that ward. */
  readonly observers_m?: Readonly<Record<string, number>>;
  readonly opened_at: string;
  /** When it was last heard of. */
  readonly last_at: string;
  /** How many asks went out for it. */
  readonly asked: number;
  /** How many have accepted and are not done. */
  readonly going: number;
  readonly crew?: readonly Goer[];
  /** Needs for which nobody is left to ask. */
  readonly exhausted?: readonly string[];
  /** Incidents that are part of this one. Reports keep their own incident: follow its `into` to find them here. */
  readonly merged?: readonly string[];
  /** The incident that this one is part of. */
  readonly into?: string;
  readonly merged_by?: string;
  readonly merged_at?: string;
  /** The incident whose reports its first ones were. */
  readonly split_from?: string;
  readonly reopened_by?: string;
  /** When it was opened again, the last time. */
  readonly reopened_at?: string;
  readonly closed_at?: string;
  readonly closed_by?: string;
  /** Why it was closed or merged. */
  readonly reason?: string;
  readonly claim?: Claim;
  /** The systems it was mirrored through, its first writer first, with `/` between them; there it is decided. */
  readonly origin?: string;
}

/** Somebody who accepted to go to an incident and is not done. */
export interface Goer {
  /** Id of the assignment. */
  readonly assignment: string;
  /** Id of the responder. */
  readonly responder: string;
  /** Name of the person. */
  readonly name: string;
  /** Office or task of the responder. */
  readonly title?: string;
  /** The skill for which they go. */
  readonly need: string;
  /** How far the responder is. */
  readonly state: "accepted" | "arrived" | "enroute";
}

/** One person asked to go to one incident, and what became of it. */
export interface Assignment {
  readonly id: string;
  /** Short number to answer by SMS with. */
  readonly code: string;
  /** `offered` waits for an answer until `deadline`; `accepted`, `enroute` and `arrived` go. */
  readonly state: AssignmentState;
  /** Id of the incident. */
  readonly incident: string;
  /** Id of the responder, as in the county's list. */
  readonly responder: string;
  /** Name of the responder. */
  readonly responder_name: string;
  /** The skill that is needed. */
  readonly need: string;
  /** How far the asking has gone: the ward's own people first, then wider. */
  readonly rung: string;
  /** How often it was tried, this time included. */
  readonly attempt: number;
  readonly offered_at: string;
  /** Until when the ask holds. */
  readonly deadline: string;
  /** Kind of emergency. */
  readonly hazard: Hazard;
  /** How bad, in CAP's terms. */
  readonly severity: Severity;
  /** Area path of the ward, as KE.042.242.1208. */
  readonly ward: string;
  /** Name of the ward. */
  readonly ward_name: string;
  /** Where to go. */
  readonly lon: number;
  /** Latitude in degrees. */
  readonly lat: number;
  /** Metres from the responder, in a straight line, when asked. */
  readonly distance_m?: number;
  /** What was written or said, as it was. */
  readonly text?: string;
  /** Why this person. */
  readonly reason?: string;
  /** What the choice of this person rests on. */
  readonly parts?: readonly Part[];
  /** The operator who asked for this person; left out where the rules chose. */
  readonly asked_by?: string;
  /** When the person's device showed the ask. */
  readonly seen_at?: string;
  /** When it was accepted, declined, expired or withdrawn. */
  readonly answered_at?: string;
  /** Why it was declined or withdrawn. */
  readonly answer_reason?: string;
  /** What it was withdrawn for. */
  readonly ground?: Ground;
  /** How the last answer came. */
  readonly via?: string;
  readonly enroute_at?: string;
  readonly arrived_at?: string;
  readonly done_at?: string;
  /** The systems it was mirrored through, its first writer first, with `/` between them; there it is decided. */
  readonly origin?: string;
}

/** Somebody who can be asked: who they are, whether on shift, where they last were. */
export interface Responder {
  readonly id: string;
  /** Area path of the county. */
  readonly key: string;
  /** Name of the person. */
  readonly name: string;
  /** Office or task of the responder. */
  readonly title?: string;
  /** Organisation the responder serves in. */
  readonly organisation?: string;
  /** Phone number in international form. */
  readonly phone?: string;
  /** What the responder can do, as the plan names it. */
  readonly skills?: readonly string[];
  /** Area path of the home ward (or wider). */
  readonly home: string;
  /** Languages, the best first (ISO 639). */
  readonly languages?: readonly string[];
  /** Whether the responder has the app, which is asked before an SMS is sent. */
  readonly has_app: boolean;
  /** Still on the county's list. */
  readonly active: boolean;
  readonly on_shift: boolean;
  readonly shift_at?: string;
  readonly home_lon?: number;
  /** Where they are posted, by their entry on the list. */
  readonly home_lat?: number;
  /** Longitude in degrees. */
  readonly lon?: number;
  /** Where they are, only while on shift: what they shared at `fix_at`, or their post where there is none. */
  readonly lat?: number;
  /** Radius around the position, in metres, that the device vouches for. */
  readonly accuracy_m?: number;
  readonly fix_at?: string;
}

/**
 * Somebody is at the scene of an incident, or was, by the positions they share: asked to go there or not. Only the
 * operators who see the incident hear of it, and the person. It changes no assignment.
 */
export interface Presence {
  /** The responder's id, `@` and the incident's: one for each of the two, the last visit. */
  readonly id: string;
  /** How far the responder is. */
  readonly state: PresenceState;
  /** Id of the incident. */
  readonly incident: string;
  /** Id of the responder, as in the county's list. */
  readonly responder: string;
  /** Name of the person. */
  readonly name: string;
  /** Office or task of the responder. */
  readonly title?: string;
  /** When they came, this time. */
  readonly since: string;
  /** When they had stayed long enough not to be only passing through. */
  readonly dwelt_at?: string;
  readonly left_at?: string;
  /** Why they are not there any more: they went (`moved`), or the scene or their shift did. */
  readonly reason?: LeftFor;
  /** The systems it was mirrored through, its first writer first, with `/` between them; there it is decided. */
  readonly origin?: string;
}

/** A warning, from draft to over. */
export interface Alert {
  readonly id: string;
  /** Area path of the county. */
  readonly key: string;
  /** Only an `issued` one is in force; `superseded`: see `followed_by`. */
  readonly state: AlertState;
  /** The message itself, by the Common Alerting Protocol. */
  readonly cap: CapAlert;
  /** Where it holds, and how long the water needs to get there. */
  readonly wards?: readonly Arrival[];
  /** Kind of emergency. */
  readonly hazard?: Hazard;
  /** Known, as the hazard is, once it is issued. */
  readonly severity?: Severity;
  /** Id of the gauge that it rests on. */
  readonly station?: string;
  /** Whether a person has to approve it before it is issued. */
  readonly needs_approval?: boolean;
  /** The draft waited longer than policy allows. */
  readonly overdue?: boolean;
  /** Why it was drafted; once rejected, why it was refused. */
  readonly reason?: string;
  /** Who rejected it. */
  readonly by?: string;
  readonly drafted_at?: string;
  readonly issued_at?: string;
  /** When the mark was crossed: from here the minutes of `wards` count, however long a draft waited. */
  readonly minutes_from?: string;
  /** Account of the person who approved it; empty where the plan wants no approval. */
  readonly approved_by?: string;
  /** The alert that this one updates or cancels. */
  readonly previous?: string;
  readonly followed_by?: string;
  /** By the ward's area path: who passed it on there. */
  readonly confirmed?: Readonly<Record<string, PassedOn>>;
  readonly claim?: Claim;
  /** The systems it was mirrored through, its first writer first, with `/` between them; there it is decided. */
  readonly origin?: string;
}

/** One CAP message. Its identity is (identifier, sender, sent). */
export interface CapAlert {
  /** Identifier of the message; with sender and sent it is unique. */
  readonly identifier: string;
  /** Sender of the message, as CAP names it. */
  readonly sender: string;
  /** When it was sent, with +03:00. */
  readonly sent: string;
  /** Whether it is real, an exercise or a test. */
  readonly status: "Actual" | "Draft" | "Exercise" | "System" | "Test";
  /** Whether it is a first alert, updates or cancels one. */
  readonly msg_type: "Ack" | "Alert" | "Cancel" | "Error" | "Update";
  /** Who it is for. */
  readonly scope: "Private" | "Public" | "Restricted";
  /** What it rests on. */
  readonly source?: string;
  /** Rule that limits a restricted alert. */
  readonly restriction?: string;
  /** Receivers of a private alert. */
  readonly addresses?: readonly string[];
  /** Codes for special handling. */
  readonly codes?: readonly string[];
  /** Why it is a test, an exercise, a cancellation. */
  readonly note?: string;
  /** Earlier messages that this one follows. */
  readonly references?: readonly CapReference[];
  /** Incidents that it concerns. */
  readonly incidents?: readonly string[];
  /** What is said, once for each language. */
  readonly infos?: readonly CapInfo[];
}

/** The identity of an earlier message: the standard's `sender,identifier,sent`. */
export interface CapReference {
  /** Sender of the message, as CAP names it. */
  readonly sender: string;
  /** Identifier of the message; with sender and sent it is unique. */
  readonly identifier: string;
  /** When it was sent, with +03:00. */
  readonly sent: string;
}

/** What is expected, in one language. */
export interface CapInfo {
  /** Categories of the event. */
  readonly categories: readonly ("CBRNE" | "Env" | "Fire" | "Geo" | "Health" | "Infra" | "Met" | "Other" | "Rescue" | "Safety" | "Security" | "Transport")[];
  /** What is expected, in a word or two. */
  readonly event: string;
  /** How soon to act. */
  readonly urgency: "Expected" | "Future" | "Immediate" | "Past" | "Unknown";
  /** How bad, in CAP's terms. */
  readonly severity: Severity;
  /** How certain it is. */
  readonly certainty: "Likely" | "Observed" | "Possible" | "Unknown" | "Unlikely";
  /** RFC 3066; the standard's default when a message does not say. */
  readonly language?: string;
  /** What kind of action is asked for. */
  readonly response_types?: readonly ("AllClear" | "Assess" | "Avoid" | "Evacuate" | "Execute" | "Monitor" | "None" | "Prepare" | "Shelter")[];
  /** For whom it is meant. */
  readonly audience?: string;
  /** Codes of the event. */
  readonly event_codes?: readonly CapNamed[];
  /** From when the message counts. */
  readonly effective?: string;
  /** When the event is expected to begin. */
  readonly onset?: string;
  /** When it is too late to send or show it. */
  readonly expires?: string;
  /** Name of the sender, for people. */
  readonly sender_name?: string;
  /** The headline. */
  readonly headline?: string;
  /** What happens, in words. */
  readonly description?: string;
  /** What to do. */
  readonly instruction?: string;
  /** Where more is said. */
  readonly web?: string;
  /** Whom to ask. */
  readonly contact?: string;
  /**
   * Further values; `dharura:derived` says by which rule the severity was derived, `dharura:area-error` how far the
   * polygons differ from the wards they stand for.
   */
  readonly parameters?: readonly CapNamed[];
  /** Files that go with it. */
  readonly resources?: readonly CapResource[];
  /** Where it holds. */
  readonly areas?: readonly CapArea[];
}

/** A value under a name that a scheme defines: eventCode, parameter and geocode. */
export interface CapNamed {
  /** Name that a scheme defines. */
  readonly name: string;
  /** Value under that name. */
  readonly value: string;
}

/** A file that goes with the alert; `deref_uri` holds its content in base64. */
export interface CapResource {
  /** What the file shows. */
  readonly description: string;
  /** Media type of the file. */
  readonly mime_type: string;
  /** Size of the file in bytes. */
  readonly size?: number;
  /** Where the file is. */
  readonly uri?: string;
  /** The file itself, in base64. */
  readonly deref_uri?: string;
  /** SHA-1 of the file. */
  readonly digest?: string;
}

/** Where the alert holds; `description` is the standard's areaDesc. Altitudes in feet above mean sea level. */
export interface CapArea {
  /** The area in words. */
  readonly description: string;
  /** Areas as closed rings of [longitude, latitude]. */
  readonly polygons?: readonly (readonly (readonly [number, number])[])[];
  /** Areas as circles. */
  readonly circles?: readonly CapCircle[];
  /** Areas as codes; `dharura:area` holds area paths. */
  readonly geocodes?: readonly CapNamed[];
  /** Lowest altitude concerned, feet above mean sea level. */
  readonly altitude?: number;
  /** Highest altitude concerned, feet above mean sea level. */
  readonly ceiling?: number;
}

/** A circle on the earth: centre in degrees, radius in kilometres. */
export interface CapCircle {
  /** Longitude in degrees. */
  readonly lon: number;
  /** Latitude in degrees. */
  readonly lat: number;
  /** Radius in kilometres. */
  readonly radius_km: number;
}

/** A ward downstream and the minutes the water needs to get there. */
export interface Arrival {
  /** Area path of the ward, as KE.042.242.1208. */
  readonly ward: string;
  /** Minutes that the water needs to get there. */
  readonly minutes?: number;
}

/** A person in a ward says that the warning was passed on there. */
export interface PassedOn {
  /** Account or responder id of the person who did it; empty or a step's name where no person did. */
  readonly by: string;
  /** Baraza, siren, radio, door to door. */
  readonly how?: string;
  readonly at: string;
}

/** A sensor: where its series stands. Its id is the station's. */
export interface Gauge {
  readonly id: string;
  /** Known once a mark was crossed, like `river` and the position. */
  readonly name?: string;
  /** Name of the river or lake. */
  readonly river?: string;
  /** Longitude in degrees. */
  readonly lon?: number;
  /** Latitude in degrees. */
  readonly lat?: number;
  /** In `unit`, over `datum`. */
  readonly level?: number;
  /** Time of that value. */
  readonly level_at?: string;
  /** Unit of the values. */
  readonly unit?: string;
  /** Zero that levels are measured from; empty for the station's own. */
  readonly datum?: string;
  /** Rise an hour, in `unit`. */
  readonly rate_per_hour?: number;
  /** The highest mark that stands raised. */
  readonly mark?: string;
  readonly crossed?: Crossed;
  /** Readings of the last batch that were taken; `repeated`, `late` and `flagged` ones likewise. */
  readonly accepted?: number;
  /** How many were known already. */
  readonly repeated?: number;
  /** How many came late. */
  readonly late?: number;
  /** How many readings were taken with doubt or not at all. */
  readonly flagged?: number;
  /** The last ten readings that were not taken at their word. */
  readonly flags?: readonly ReadingFlag[];
  /** When it was last heard, whatever it said. */
  readonly heard_at?: string;
  /** The systems it was mirrored through, its first writer first, with `/` between them; there it is decided. */
  readonly origin?: string;
}

/** The last mark that a gauge rose over or fell below. */
export interface Crossed {
  /** Name of the mark. */
  readonly mark: string;
  /** Whether it rose over the mark or fell below its clearing level. */
  readonly direction: "down" | "up";
  readonly at: string;
  /** Value of the reading, in `unit`. */
  readonly value: number;
}

/** Why a reading was not taken at its word. */
export interface ReadingFlag {
  /** Name of the doubt, as `jump`, `stuck`, `late`. */
  readonly flag: string;
  /** Time of the reading. */
  readonly at: string;
  /** The value that was doubted. */
  readonly value?: number;
  /** The reason in words. */
  readonly detail?: string;
}

/** One message to one person by one channel. */
export interface Message {
  readonly id: string;
  /** `sending`: handed to its channel, which has not answered yet. */
  readonly state: MessageState;
  /** What it is for. */
  readonly kind: MessageKind;
  /** By what it goes out. */
  readonly channel: MessageChannel;
  /** Phone number or address. */
  readonly to: string;
  /** Responder id, or phone number of a citizen. */
  readonly recipient: string;
  /** What was written or said, as it was. */
  readonly text: string;
  /** Language of the words (ISO 639). */
  readonly language: string;
  /** Id of what it concerns. */
  readonly about: string;
  /** How many SMS pages the words fill. */
  readonly pages: number;
  readonly attempts: number;
  readonly at: string;
  /** When it is too late to send or show it. */
  readonly expires?: string;
  readonly sending_at?: string;
  readonly sent_at?: string;
  readonly delivered_at?: string;
  /** When it last failed; it may have gone since. */
  readonly failed_at?: string;
  readonly recalled_at?: string;
  /** The channel's own id of the message. */
  readonly provider_id?: string;
  /** Why it last failed. */
  readonly code?: string;
  /** The reason in words. */
  readonly detail?: string;
  /** Why it was recalled. */
  readonly reason?: string;
  /** Whose device or which network confirmed it. */
  readonly by?: string;
}

/** Something that a step could not take; an operator may give it again, or dismiss it. */
export interface Deadletter {
  readonly id: string;
  /** `replayed`: it was given to its step again; `dismissed`: nothing is to be done about it. */
  readonly state: DeadletterState;
  /** Topic of the event that could not be taken. */
  readonly topic: string;
  /** Name of the step. */
  readonly step: string;
  /** Stable code of the reason, as docs/errors.md lists them. */
  readonly code: string;
  /** The reason in words. */
  readonly detail?: string;
  /** Id of the event that could not be taken; empty for an input that never became one. */
  readonly original_id?: string;
  /** Characters of the original. */
  readonly size: number;
  readonly at: string;
  readonly replayed_at?: string;
  readonly replayed_by?: string;
  /** Why it was dismissed. */
  readonly reason?: string;
  readonly dismissed_at?: string;
  readonly dismissed_by?: string;
}

/** The answer to hello: who the server takes the client for, and how far the feed is. */
export interface Welcome {
  readonly type: "welcome";
  readonly position: string;
  readonly epoch: string;
  readonly heartbeat_s: number;
  readonly viewer: Viewer;
  readonly view: string;
  readonly expires_in_s: number;
  readonly retry_after_ms: number;
  readonly ref?: string;
}

/** Somebody who looks: which account, which responder they are (if one), and their roles at areas. */
export interface Viewer {
  readonly account: string;
  readonly person: string | null;
  readonly grants: readonly (readonly [Role, string])[];
}

/** What was missed cannot be told one by one: forget everything, a snapshot follows. */
export interface Resync {
  readonly type: "resync";
  /** Why, in words. */
  readonly reason: string;
}

/** All quiet up to a position: everything of the client's up to here has been sent. */
export interface Heartbeat {
  readonly type: "heartbeat";
  readonly position: string;
}

/** The newer token holds, for so many seconds; when `view` has changed, a resync follows. */
export interface Renewed {
  readonly type: "renewed";
  readonly expires_in_s: number;
  readonly view: string;
  readonly ref?: string;
}

/** Here I am. */
export interface Pong {
  readonly type: "pong";
  readonly position: string;
  readonly ref?: string;
}

/** Something the client said was not taken; `code` is stable and stands in the error table. */
export interface Failure {
  readonly type: "error";
  /** Stable code of the reason, as docs/errors.md lists them. */
  readonly code: string;
  /** The reason in words. */
  readonly detail?: string;
  readonly ref?: string;
}

/** People to ask about an incident, the best first, and what it needs. */
export interface People {
  /** Id of the incident. */
  readonly incident: string;
  readonly items: readonly Askable[];
  /** How many there are in all; `items` are the first of them. */
  readonly total: number;
  /** What the incident needs, the most telling skill first. */
  readonly needs: readonly Wanted[];
  /** Version of the rule of this order. */
  readonly rules: string;
}

/** Somebody who could go, and why they stand where they stand in the order. */
export interface Askable {
  /** Id of the responder. */
  readonly responder: string;
  /** Name of the person. */
  readonly name: string;
  /** Office or task; may be empty. */
  readonly title: string;
  /** Phone number in international form. */
  readonly phone: string;
  /** What the responder can do, as the plan names it. */
  readonly skills: readonly string[];
  readonly on_shift: boolean;
  /** Whether the responder has the app, which is asked before an SMS is sent. */
  readonly has_app: boolean;
  /** 0 to 1: the sum of `parts`. */
  readonly score: number;
  /** Why, in words. */
  readonly reason: string;
  /** What the score is made of. */
  readonly parts: readonly Part[];
  /** Metres to the incident in a straight line; null where nobody knows where they are. */
  readonly distance_m: number | null;
  /** What the distance was measured from: a position they shared, their post or home ward, or nothing. */
  readonly by: "fix" | "home" | "nothing";
  /** Whether they were asked about this incident already. */
  readonly asked: AskOf | null;
  /** How many asks and jobs they have open, here or elsewhere. */
  readonly busy: number;
}

/** That somebody was asked about this incident, and how the newest such ask stands. */
export interface AskOf {
  /** Id of the assignment. */
  readonly assignment: string;
  /** How far the responder is. */
  readonly state: AssignmentState;
  /** The skill they were asked for; `requested` where an operator named them. */
  readonly need: string;
}

/** How many people of one skill an incident needs, and how many of these places are filled. */
export interface Wanted {
  /** Skill that the place asks for. */
  readonly need: string;
  /** How many places there are. */
  readonly count: number;
  /** How many of them go, or have been there. */
  readonly taken: number;
  /** How many are asked and have not answered. */
  readonly asked: number;
  /** Nobody is left to ask for a place that is free. */
  readonly exhausted: boolean;
}

/** Which ward a position or words mean, with the doubt and the reason. */
export interface Located {
  /** Why, as a stable code. `nearest`: outside all wards. */
  readonly code: LocatedCode;
  /** Why, for a person. */
  readonly reason: string;
  /** Only where one is certain enough to be asserted. */
  readonly ward?: NamedWard;
  /** Whether a ward is asserted. */
  readonly inside: boolean;
  /** Metres to the ward's edge; outside all wards, to the nearest ward's. */
  readonly edge_m?: number;
  /** Of the first candidate. */
  readonly confidence: number;
  /** The likeliest first; an asserted ward is the first of them. */
  readonly candidates: readonly PossibleWard[];
  /** The nearest ward, where the position lies outside all of them. */
  readonly nearest?: PossibleWard;
  /** What the sender could be asked, in English. */
  readonly question?: string;
  /** The same in Swahili. */
  readonly question_sw?: string;
  /** The boundaries' version. */
  readonly boundaries: string;
  /** Whether the boundaries call themselves an approximation. */
  readonly approximate: boolean;
}

/** A ward by its names; its code is unique only together with the boundaries' version. */
export interface NamedWard {
  /** Area path. */
  readonly path: string;
  /** Four digits, as the boundary file has it. */
  readonly code: string;
  /** The ward's name. */
  readonly name: string;
  readonly constituency: string;
  readonly county: string;
}

/** A ward that it may be. */
export interface PossibleWard {
  /** Which one. */
  readonly ward: NamedWard;
  /** The chance that it is this one, 0 to 1. */
  readonly confidence: number;
  /** From the position to the ward; 0 where it covers the position. Not for words. */
  readonly metres?: number;
  /** Where the words' place is, degrees. */
  readonly lon?: number;
  /** Latitude of it. */
  readonly lat?: number;
  /** The words of the text that speak for it. */
  readonly matched?: string;
  /** What speaks for it, in words. */
  readonly why?: string;
}

/** One document as it stands. */
export type Shown =
  | { readonly kind: "report"; readonly id: string; readonly value: Report; }
  | { readonly kind: "incident"; readonly id: string; readonly value: Incident; }
  | { readonly kind: "assignment"; readonly id: string; readonly value: Assignment; }
  | { readonly kind: "responder"; readonly id: string; readonly value: Responder; }
  | { readonly kind: "presence"; readonly id: string; readonly value: Presence; }
  | { readonly kind: "alert"; readonly id: string; readonly value: Alert; }
  | { readonly kind: "gauge"; readonly id: string; readonly value: Gauge; }
  | { readonly kind: "message"; readonly id: string; readonly value: Message; }
  | { readonly kind: "deadletter"; readonly id: string; readonly value: Deadletter; };

/** Part of all that the viewer may see; the position is theirs when `part` equals `of`. */
export interface Snapshot {
  readonly type: "snapshot";
  readonly position: string;
  readonly part: number;
  readonly of: number;
  readonly documents: readonly Shown[];
}

/** One document is now so; `cause` is the event. */
export type Put =
  | { readonly type: "change"; readonly op: "put"; readonly position: string; readonly cause: string; readonly at: string; readonly kind: "report"; readonly id: string; readonly value: Report; }
  | { readonly type: "change"; readonly op: "put"; readonly position: string; readonly cause: string; readonly at: string; readonly kind: "incident"; readonly id: string; readonly value: Incident; }
  | { readonly type: "change"; readonly op: "put"; readonly position: string; readonly cause: string; readonly at: string; readonly kind: "assignment"; readonly id: string; readonly value: Assignment; }
  | { readonly type: "change"; readonly op: "put"; readonly position: string; readonly cause: string; readonly at: string; readonly kind: "responder"; readonly id: string; readonly value: Responder; }
  | { readonly type: "change"; readonly op: "put"; readonly position: string; readonly cause: string; readonly at: string; readonly kind: "presence"; readonly id: string; readonly value: Presence; }
  | { readonly type: "change"; readonly op: "put"; readonly position: string; readonly cause: string; readonly at: string; readonly kind: "alert"; readonly id: string; readonly value: Alert; }
  | { readonly type: "change"; readonly op: "put"; readonly position: string; readonly cause: string; readonly at: string; readonly kind: "gauge"; readonly id: string; readonly value: Gauge; }
  | { readonly type: "change"; readonly op: "put"; readonly position: string; readonly cause: string; readonly at: string; readonly kind: "message"; readonly id: string; readonly value: Message; }
  | { readonly type: "change"; readonly op: "put"; readonly position: string; readonly cause: string; readonly at: string; readonly kind: "deadletter"; readonly id: string; readonly value: Deadletter; };

/** One document is no longer the viewer's to see, or is filed away. */
export interface Gone {
  readonly type: "change";
  readonly op: "gone";
  readonly position: string;
  readonly cause: string;
  readonly at: string;
  readonly kind: Kind;
  readonly id: string;
}

export type Change =
  | Put
  | Gone;

/** What the client said was taken down, as the event with this id. */
export interface Reply {
  readonly type: "reply";
  readonly ref?: string;
  readonly id: string;
  readonly assignment?: string;
}

/** Anything that the server says on /live. */
export type Frame =
  | Welcome
  | Resync
  | Heartbeat
  | Renewed
  | Pong
  | Failure
  | Snapshot
  | Put
  | Gone
  | Reply;

/** The kinds of document, and what each looks like. */
export interface Documents {
  readonly report: Report;
  readonly incident: Incident;
  readonly assignment: Assignment;
  readonly responder: Responder;
  readonly presence: Presence;
  readonly alert: Alert;
  readonly gauge: Gauge;
  readonly message: Message;
  readonly deadletter: Deadletter;
}
export type Kind = keyof Documents;
export const KINDS = [
  "report",
  "incident",
  "assignment",
  "responder",
  "presence",
  "alert",
  "gauge",
  "message",
  "deadletter",
] as const satisfies readonly Kind[];
