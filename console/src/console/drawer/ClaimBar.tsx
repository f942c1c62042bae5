import type { Claim } from "../../data/contract";
import { Age } from "../../parts/Age";
import { Button } from "../../parts/Button";
import { Icon } from "../../look/icons";
import { tick } from "../../parts/tick";
import { t } from "../../words/words";
import { decides, me } from "../desk";
import { claim as take, release, type Claimable } from "../work/claims";
import { held } from "../work/queue";

/** Say who works on it; what somebody else holds can be taken over, in the open. */
export function ClaimBar({ about, claim }: { about: Claimable; claim: Claim | undefined }) {
  if (!decides.value) return null;
  const theirs = held(claim, me.value, tick.value);
  if (theirs) {
    return (
      <div class="claim claim-theirs" role="status">
        <Icon sign="lock" />
        <p>
          <strong>{t("claim.theirs", { name: theirs.by_name ?? theirs.by })}</strong> <Age at={theirs.at} />
        </p>
        <Button onClick={() => void take(about, true)} shortcut="c">
          {t("claim.take-over")}
        </Button>
      </div>
    );
  }
  if (claim && claim.by === me.value && Date.parse(claim.until) > tick.value) {
    return (
      <div class="claim claim-mine">
        <Icon sign="lock" />
        <p>{t("claim.yours")}</p>
        <Button tone="quiet" onClick={() => void release(about)} shortcut="c">
          {t("claim.release")}
        </Button>
      </div>
    );
  }
  return null;
}

/** Whether decisions stand behind "take over". */
export function useBarred(claim: Claim | undefined): boolean {
  return held(claim, me.value, tick.value) !== null;
}
