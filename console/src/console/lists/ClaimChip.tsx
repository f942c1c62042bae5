import type { Claim } from "../../data/contract";
import { Icon } from "../../look/icons";
import { tick } from "../../parts/tick";
import { t } from "../../words/words";
import { me } from "../desk";

/** Who works on it now. */
export function ClaimChip({ claim }: { claim: Claim | undefined }) {
  if (!claim || Date.parse(claim.until) <= tick.value) return null;
  const mine = claim.by === me.value;
  return (
    <span class={mine ? "chip chip-mine" : "chip chip-theirs"}>
      <Icon sign="lock" size="1em" /> {mine ? t("claim.mine") : (claim.by_name ?? claim.by)}
    </span>
  );
}
