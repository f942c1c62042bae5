import { useSignal } from "@preact/signals";
import { useEffect } from "preact/hooks";
import { Button } from "../../parts/Button";
import { clip, inert } from "../../parts/Said";
import { ago, timeOfDay } from "../../parts/spans";
import { tick } from "../../parts/tick";
import { t } from "../../words/words";
import type { Assignment, Incident } from "../../data/contract";
import { decides, session, store } from "../desk";
import { history, versions, type Fact, type Told } from "../work/facts";
import { back, reopen } from "../work/incident";
import { inWords } from "../work/problems";
import type { Scene } from "../work/scene";
import { nameBy, named } from "../work/tell";
import { undoOf } from "../work/undo";
import { toldAll } from "../work/why";
import { Section } from "./Drawer";

const FIRST = 12;

interface Props {
  readonly incident: Incident;
  readonly asks: readonly Assignment[];
  readonly scene: Scene;
}

/** Everything that happened, the newest first. Asked anew when the incident, one of its asks or who is there changes. */
export function Timeline({ incident, asks, scene }: Props) {
  const facts = useSignal<readonly Fact[] | null>(null);
  const hidden = useSignal(0);
  const trouble = useSignal<string | null>(null);
  const everything = useSignal(false);
  const most = useSignal(FIRST);
  const version = `${incident.last_at}${incident.state}${incident.reports}${incident.claim?.at ?? ""}${asks.map((each) => each.state + each.id + (each.seen_at ?? "")).join()}${stays(scene)}`;
  useEffect(() => {
    const stop = new AbortController();
    const timer = setTimeout(
      () => {
        session.send<{ items: readonly Fact[]; hidden: number }>(`/incidents/${incident.id}/history`, { signal: stop.signal }).then(
          (answer) => {
            facts.value = answer.items;
            hidden.value = answer.hidden;
            trouble.value = null;
          },
          (error: unknown) => {
            if (!stop.signal.aborted) trouble.value = inWords(error);
          },
        );
      },
      facts.peek() === null ? 60 : 900,
    );
    return () => {
      clearTimeout(timer);
      stop.abort();
    };
  }, [incident.id, version]);

  const told = history(facts.value ?? [], everything.value);
  return (
    <Section
      title={t("timeline")}
      action={
        <label class="tick">
          <input type="checkbox" checked={everything.value} onChange={(event) => (everything.value = event.currentTarget.checked)} />
          {t("timeline.everything")}
        </label>
      }
    >
      {trouble.value && facts.value === null ? <p class="trouble">{trouble.value}</p> : null}
      {facts.value === null && !trouble.value ? <p class="section-note">{t("list.loading")}</p> : null}
      <ol class="timeline">
        {told.slice(0, most.value).map((each) => (
          <Entry key={each.fact.id} told={each} everything={everything.value} />
        ))}
      </ol>
      {told.length > most.value ? (
        <Button tone="quiet" sign="down" onClick={() => (most.value += 50)}>
          {t("timeline.more", { n: told.length - most.value })}
        </Button>
      ) : null}
      {hidden.value > 0 ? <p class="section-note">{t("timeline.hidden", { n: hidden.value })}</p> : null}
      {facts.value && everything.value ? (
        <p class="section-note">
          {t("timeline.versions")}: <code>{versions(facts.value).join(" · ")}</code>
        </p>
      ) : null}
    </Section>
  );
}

/** What changes when somebody comes, stays or leaves. */
function stays({ now, earlier }: Scene): string {
  const here = now.map(({ presence: { id, since, dwelt_at } }) => id + since + (dwelt_at ?? ""));
  return [...here, ...earlier.map(({ id, left_at }) => id + (left_at ?? ""))].join();
}

/** The way back, for as long as there is one. */
function UndoButton({ told }: { told: Told }) {
  if (!decides.value) return null;
  const get = (id: string) => store.docs.incident.value.get(id);
  const way = undoOf(told.fact, get);
  const about = way && get(way.incident);
  if (!way || !about) return null;
  const into = way.how === "merge-back" ? get(way.into) : undefined;
  const run = () => void (into ? back(about, into) : reopen(about, t("undo.reason")));
  return (
    <Button sign="undo" label={t("undo.this", { what: t(told.key, named(told.fill)) })} onClick={run}>
      {t("undo")}
    </Button>
  );
}

function Entry({ told, everything }: { told: Told; everything: boolean }) {
  const who = nameBy(told.by);
  const why = told.fact.body.type === "AssignmentOffered" ? toldAll(told.why) : inert(told.why);
  return (
    <li class={`entry entry-${told.tone}`}>
      <time class="figures" dateTime={told.fact.at} title={ago(tick.peek() - Date.parse(told.fact.at))}>
        {timeOfDay(told.fact.at)}
      </time>
      <div>
        <p>
          {t(told.key, named(told.fill))}
          {who ? <span class="entry-by"> · {who}</span> : null}
        </p>
        {why ? (
          <p class="entry-why" dir="auto">
            {clip(why, 180)}
            {why.length > 180 ? "…" : ""}
          </p>
        ) : null}
        <UndoButton told={told} />
        {everything ? (
          <p class="entry-ids">
            <code>{told.fact.body.type}</code> <code>{told.fact.id}</code>
            {told.fact.versions ? <code>{Object.entries(told.fact.versions).map(([name, value]) => `${name} ${value}`).join(" ")}</code> : null}
          </p>
        ) : null}
      </div>
    </li>
  );
}
