/** Names for what facts hold as ids and codes: people, accounts, hazards, skills. */
import { LEFT_FORS, SEVERITIES, type Severity } from "../../data/contract";
import { t, type Key } from "../../words/words";
import { me, session, store } from "../desk";
import { skill } from "./skills";

/** Names of operators, as their claims told them: accounts have no list that everybody may read. */
const operators = new Map<string, string>();

/** Give a name for an account or a responder; the id where there is none; nothing for a step of the machinery. */
export function nameBy(by: string): string {
  if (by === "" || STEPS.has(by)) return "";
  if (by === me.value) return session.account.value?.display_name ?? by;
  for (const shelf of [store.docs.incident.value, store.docs.report.value, store.docs.alert.value]) {
    for (const { claim } of shelf.values()) if (claim?.by_name) operators.set(claim.by, claim.by_name);
  }
  return store.docs.responder.value.get(by)?.name ?? operators.get(by) ?? by;
}

const STEPS: ReadonlySet<string> = new Set(["incidents", "dispatch", "reports", "warnings", "gauges", "desk", "notify", "fences", "system"]);

const LEFT: ReadonlySet<string> = new Set(LEFT_FORS);

const CHANNELS: ReadonlySet<string> = new Set(["sms", "ussd", "web", "call", "officer", "app"]);

/** Name the values that a fact's words hold. */
export function named(fill: Readonly<Record<string, string | number>>): Record<string, string | number> {
  const said: Record<string, string | number> = { ...fill };
  for (const [name, value] of Object.entries(fill)) {
    const word = String(value);
    if (name === "hazard" && word) said[name] = t(`hazard.${word}` as Key);
    if (name === "severity" && (SEVERITIES as readonly string[]).includes(word)) said[name] = t(`severity.${word as Severity}`);
    if (name === "responder") said[name] = nameBy(word);
    if (name === "need") said[name] = skill(word);
    if (name === "channel") said[name] = CHANNELS.has(word) ? t(`channel.${word}` as Key) : word;
    if (name === "via") said[name] = CHANNELS.has(word) ? t(`channel.${word}` as Key) : word === "operator" ? t("rung.operator") : word;
    if (name === "state") said[name] = t(`assignment.${word}` as Key);
    if (name === "reason") said[name] = t(`${LEFT.has(word) ? "left" : "dismiss"}.${word}` as Key);
  }
  return said;
}
