import { useSignal } from "@preact/signals";
import { Button } from "../../parts/Button";
import { clock } from "../../parts/spans";
import { Icon } from "../../look/icons";
import { t } from "../../words/words";
import { blocked, mute, mutedMs, play } from "../sound";
import { Popover } from "./Popover";

const MINUTES = [5, 15, 60] as const;

/** Sound on, held back by the browser, or muted with the time that is left. */
export function SoundButton() {
  const open = useSignal(false);
  const left = mutedMs.value;
  const label = left > 0 ? t("sound.muted", { clock: clock(left) }) : t(blocked.value ? "sound.blocked" : "sound.on");
  const silence = (minutes: number) => {
    mute(minutes);
    open.value = false;
  };
  return (
    <Popover
      open={open}
      label={label}
      class={left > 0 || blocked.value ? "sound-off" : ""}
      button={
        <>
          <Icon sign={left > 0 || blocked.value ? "mute" : "sound"} />
          {left > 0 ? <span class="figures">{clock(left)}</span> : null}
        </>
      }
    >
      <p>{label}</p>
      <div class="popover-row">
        {MINUTES.map((minutes) => (
          <Button key={minutes} onClick={() => silence(minutes)}>
            {t("sound.mute-for", { n: minutes })}
          </Button>
        ))}
      </div>
      <div class="popover-row">
        {left > 0 ? (
          <Button tone="main" sign="sound" onClick={() => silence(0)}>
            {t("sound.back-on")}
          </Button>
        ) : null}
        <Button sign="bell" onClick={() => play("Severe")}>
          {t("sound.try", { level: t("severity.Severe") })}
        </Button>
        <Button sign="bell" onClick={() => play("Extreme")}>
          {t("sound.try", { level: t("severity.Extreme") })}
        </Button>
      </div>
    </Popover>
  );
}
