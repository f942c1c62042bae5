/** What can be decided about a warning. */
import type { Alert } from "../../data/contract";
import { t } from "../../words/words";
import { nameOf } from "../places";
import { decide } from "./decide";

const about = (alert: Alert) => ({ kind: "alert", id: alert.id }) as const;

export async function approve(alert: Alert): Promise<boolean> {
  return (await decide<Alert>({ about: about(alert), what: "approve", said: () => t("done.approved") })) !== null;
}

export async function reject(alert: Alert, reason: string): Promise<boolean> {
  return (await decide<Alert>({ about: about(alert), what: "reject", body: { reason }, said: () => t("done.rejected") })) !== null;
}

export async function cancel(alert: Alert, reason: string): Promise<boolean> {
  return (await decide<Alert>({ about: about(alert), what: "cancel", body: { reason }, said: () => t("done.cancelled") })) !== null;
}

export async function confirmWard(alert: Alert, ward: string, how: string): Promise<boolean> {
  const answer = await decide<Alert>({
    about: about(alert),
    what: "passed-on",
    body: { ward, how },
    said: () => t("done.passed-on", { ward: nameOf(ward) }),
  });
  return answer !== null;
}
