import { useState } from "preact/hooks";
import { Age } from "../parts/Age";
import { Button } from "../parts/Button";
import { Countdown } from "../parts/Countdown";
import { Dialog } from "../parts/Dialog";
import { Meter } from "../parts/Meter";
import { Said } from "../parts/Said";
import { Icon } from "../look/icons";
import { t } from "../words/words";

const opened = Date.now();
const past = (seconds: number) => new Date(opened - seconds * 1_000).toISOString();
const ahead = (seconds: number) => past(-seconds);

export function Buttons() {
  return (
    <article>
      <h3>{t("guide.buttons")}</h3>
      {(["main", "plain", "quiet", "danger"] as const).map((tone) => (
        <p class="guide-row" key={tone}>
          <Button tone={tone}>{t("ask")}</Button>
          <Button tone={tone} sign="send" shortcut="o">
            {t("ask")}
          </Button>
          <Button tone={tone} sign="close" label={t("close")} />
          <Button tone={tone} busy>
            {t("ask")}
          </Button>
          <Button tone={tone} disabled>
            {t("ask")}
          </Button>
        </p>
      ))}
    </article>
  );
}

export function Forms() {
  const [open, setOpen] = useState(false);
  return (
    <article>
      <h3>{t("guide.forms")}</h3>
      <p class="guide-row">
        <input type="text" aria-label={t("filter.search")} placeholder={t("filter.search")} />
        <select aria-label={t("sort")}>
          <option>{t("sort.severity")}</option>
          <option>{t("sort.newest")}</option>
        </select>
        <label class="tick">
          <input type="checkbox" defaultChecked /> {t("timeline.everything")}
        </label>
        <Button onClick={() => setOpen(true)}>{t("guide.dialog")}</Button>
      </p>
      {open ? (
        <Dialog title={t("guide.dialog")} onClose={() => setOpen(false)}>
          <p>{t("guide.dialog-what")}</p>
        </Dialog>
      ) : null}
    </article>
  );
}

const HOSTILE = `<script>alert("1")</script> <b onmouseover=alert(1)>maji</b> \u202eetirw siht\u202c ${"mafuriko ".repeat(80)}`;

export function Parts() {
  return (
    <article>
      <h3>{t("guide.parts")}</h3>
      <p class="guide-row">
        <Age at={past(20)} stale={60_000} />
        <Age at={past(900)} stale={60_000} />
        <Countdown until={ahead(600)} />
        <Countdown until={ahead(20)} />
        <Countdown until={past(45)} />
        <Meter value={0.2} label={t("evidence")} />
        <Meter value={0.9} label={t("evidence")} />
      </p>
      <p class="guide-row">
        {(["chip", "chip chip-good", "chip chip-warn", "chip chip-bad", "chip chip-mine"] as const).map((name) => (
          <span key={name} class={name}>
            <Icon sign="people" size="1em" /> {t("triage.asked")}
          </span>
        ))}
        <kbd>?</kbd>
        <button type="button" class="link">
          {t("open-incident")}
        </button>
      </p>
      <blockquote class="quote guide-quote">
        <Said text={HOSTILE} most={160} />
      </blockquote>
    </article>
  );
}

/** How a page says that it is live, in doubt, lost and back. */
export function States() {
  return (
    <article>
      <h3>{t("guide.states")}</h3>
      <p class="guide-row">
        <span class="line line-live">
          <Icon sign="online" size="1.1em" /> {t("line.live")}
        </span>
        <span class="line line-quiet">
          <Icon sign="offline" size="1.1em" /> {t("line.quiet", { n: "23 s" })}
        </span>
        <span class="line line-lost">
          <Icon sign="offline" size="1.1em" /> {t("line.lost-short", { clock: "0:41" })}
        </span>
        <strong class="exercise">{t("exercise")}</strong>
      </p>
      <div class="banner banner-lost">
        <Icon sign="offline" size="1.5em" />
        <p>
          <strong>{t("line.lost", { clock: "0:41" })}</strong> {t("line.old")} {t("line.next", { n: 3 })}
        </p>
        <Button sign="again">{t("line.now")}</Button>
      </div>
      <div class="banner banner-quiet">
        <Icon sign="clock" size="1.5em" />
        <p>{t("line.quiet-long", { n: 23 })}</p>
      </div>
      <div class="banner banner-back">
        <Icon sign="check" size="1.5em" />
        <p>{t("line.back", { n: 12, away: "0:41" })}</p>
      </div>
      <div class="toast toast-good">
        <Icon sign="check" size="1.5em" />
        <p>{t("done.closed", { reference: "7T4-L9S" })}</p>
        <Button shortcut="u">{t("undo")}</Button>
      </div>
      <div class="toast toast-bad">
        <Icon sign="warning" size="1.5em" />
        <p>{t("problem.forbidden")}</p>
      </div>
    </article>
  );
}
