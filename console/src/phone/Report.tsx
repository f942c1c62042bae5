/** Say what one sees: a hazard, words, and one's own position if one wants. It waits for the network by itself. */
import { signal } from "@preact/signals";
import { useEffect, useRef, useState } from "preact/hooks";
import { HAZARDS, type Hazard } from "../data/contract";
import { HAZARDS as SIGNS, Icon } from "../look/icons";
import { far } from "../parts/spans";
import { t } from "../words/words";
import { phone } from "./desk";
import { Refused } from "./Refused";
import type { Fix } from "./where";

const LONGEST = 1_000;
type Found = "no" | "finding" | "none" | Fix;
/** Whether a report is being written; "sent": the last one left the form. */
const reporting = signal<"no" | "writing" | "sent">("no");

export function Reporting() {
  if (reporting.value === "writing") return <Form />;
  const waits = phone.said.value.filter((each) => each.what === "report");
  return (
    <section class="stack">
      {waits.map((each) => (
        <Refused key={each.id} said={each} />
      ))}
      {reporting.value === "sent" ? (
        <p class="passed" role="status">
          {t(waits.some((each) => each.refused === null) ? "phone.report.waits" : "phone.report.sent")}
        </p>
      ) : null}
      <button type="button" class="wide" onClick={() => (reporting.value = "writing")}>
        <Icon sign="report" size="1.5rem" /> {t("phone.report")}
      </button>
    </section>
  );
}

function Form() {
  const [hazard, setHazard] = useState<Hazard | null>(null);
  const [text, setText] = useState("");
  const [found, setFound] = useState<Found>("no");
  const head = useRef<HTMLHeadingElement>(null);
  useEffect(() => head.current?.focus(), []);
  const ready = text.trim() !== "" || (hazard !== null && typeof found === "object");
  const here = (wanted: boolean) => {
    if (!wanted) return setFound("no");
    setFound("finding");
    navigator.geolocation?.getCurrentPosition(
      ({ coords }) => setFound({ lon: coords.longitude, lat: coords.latitude, accuracy_m: coords.accuracy, at: Date.now() }),
      () => setFound("none"),
      { enableHighAccuracy: true, maximumAge: 30_000, timeout: 20_000 },
    );
  };
  const send = (event: Event) => {
    event.preventDefault();
    if (!ready) return;
    void phone.report({ hazard, text: text.trim(), fix: typeof found === "object" ? found : null });
    reporting.value = "sent";
  };
  return (
    <form class="card stack" onSubmit={send} aria-labelledby="report-head">
      <h2 id="report-head" ref={head} tabIndex={-1}>
        {t("phone.report")}
      </h2>
      <fieldset class="pass">
        <legend>{t("phone.report.what")}</legend>
        <div class="hazards">
          {HAZARDS.map((each) => (
            <button key={each} type="button" class="hazard" aria-pressed={hazard === each} onClick={() => setHazard(hazard === each ? null : each)}>
              <Icon sign={SIGNS[each]} size="1.75rem" />
              {t(`hazard.${each}`)}
            </button>
          ))}
        </div>
      </fieldset>
      <label class="field">
        {t("phone.report.words")}
        <textarea rows={3} maxLength={LONGEST} value={text} aria-describedby="report-hint" onInput={(event) => setText(event.currentTarget.value)} />
      </label>
      <p id="report-hint" class="small soft">
        {t("phone.report.hint")}
      </p>
      <label class="tick">
        <input type="checkbox" checked={found !== "no"} onChange={(event) => here(event.currentTarget.checked)} />
        <span>
          {t("phone.report.here")}
          <span class="block small soft" role="status">
            {typeof found === "object" ? t("phone.report.found", { far: far(found.accuracy_m ?? 0) }) : null}
            {found === "finding" ? t("phone.report.finding") : null}
            {found === "none" ? t("phone.report.no-place") : null}
          </span>
        </span>
      </label>
      <button class="wide wide-main" aria-disabled={!ready}>
        {t("phone.report.send")}
      </button>
      <button type="button" class="wide" onClick={() => (reporting.value = "no")}>
        {t("phone.report.cancel")}
      </button>
    </form>
  );
}
