/** On and off shift by one big switch, and in plain words what is shared of where one is. */
import { Icon } from "../look/icons";
import { ago, timeOfDay } from "../parts/spans";
import { tick } from "../parts/tick";
import { t } from "../words/words";
import { phone } from "./desk";
import { Refused } from "./Refused";

export function Shift() {
  const on = phone.onShift.value;
  const said = phone.said.value.findLast((each) => each.about === "shift");
  return (
    <section class="card" aria-label={t("phone.shift")}>
      <button type="button" role="switch" aria-checked={on} class="switch" onClick={() => void phone.shift(!on)}>
        <span class="switch-track" aria-hidden="true">
          <span class="switch-knob" />
        </span>
        <span class="switch-words">
          <strong>{on ? t("phone.shift.on") : t("phone.shift.off")}</strong>
          <span class="soft">
            {on ? t("phone.shift.on.what") : t("phone.shift.off.what")}
            {said && said.refused === null && said.tries > 0 ? ` (${t("phone.shift.waiting")})` : null}
          </span>
        </span>
      </button>
      {said?.refused ? <Refused said={said} /> : null}
      {on ? <Shared /> : null}
    </section>
  );
}

function Shared() {
  const sharing = phone.place.sharing.value;
  if (sharing.state === "off") return null;
  const mark = <Icon sign="locate" size="1.25rem" />;
  if (sharing.state === "on") {
    const sent = sharing.sent === null ? null : t("phone.place.sent", { ago: ago(Math.max(0, tick.value && Date.now() - sharing.sent)) });
    return (
      <div class="shared shared-on">
        {mark}
        <p>
          {t("phone.place.since", { time: timeOfDay(sharing.since).slice(0, 5) })}
          {sent ? <span class="soft">, {sent}</span> : null}
          <span class="soft small block">{t("phone.place.open")}</span>
        </p>
      </div>
    );
  }
  return (
    <div class={sharing.state === "looking" ? "shared" : "shared shared-off"}>
      {mark}
      <p>{t(`phone.place.${sharing.state}`)}</p>
      {sharing.state === "looking" ? null : (
        <button type="button" class="small-button" onClick={() => phone.place.retry()}>
          {t("phone.place.retry")}
        </button>
      )}
    </div>
  );
}
