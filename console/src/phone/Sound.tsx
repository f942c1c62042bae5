/** The first step: browsers let a page ring only after it was touched. */
import { Icon } from "../look/icons";
import { t } from "../words/words";
import { phone } from "./desk";

export function SoundStep() {
  const sound = phone.ring.sound.value;
  if (sound === "ask") {
    return (
      <section class="card card-step">
        <button type="button" class="wide wide-main" onClick={() => void phone.ring.enable()}>
          <Icon sign="sound" size="1.5rem" /> {t("phone.sound.first")}
        </button>
        <p>{t("phone.sound.why")}</p>
      </section>
    );
  }
  if (sound === "asleep") {
    return (
      <button type="button" class="strip" onClick={() => void phone.ring.enable()}>
        <Icon sign="mute" size="1.5rem" /> {t("phone.sound.asleep")}
      </button>
    );
  }
  return null;
}
