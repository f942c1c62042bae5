import { useSignal } from "@preact/signals";
import { useEffect } from "preact/hooks";
import { Button } from "../../parts/Button";
import { Meter } from "../../parts/Meter";
import { t } from "../../words/words";
import type { Askable, Assignment, Incident, People } from "../../data/contract";
import { selected } from "../desk";
import { deciding } from "../work/decide";
import { ask, peopleFor } from "../work/incident";
import { inWords } from "../work/problems";
import { firstFree } from "../work/people";
import { skill } from "../work/skills";
import { toldAll } from "../work/why";
import { useBarred } from "./ClaimBar";
import { Section } from "./Drawer";

const FIRST = 5;
const STANDING: ReadonlySet<Assignment["state"]> = new Set(["offered", "accepted", "enroute", "arrived"]);

/** Who could go, the likeliest first, each with why; one click asks. Asked anew whenever an ask is answered. */
export function PeopleToAsk({ incident, asks }: { incident: Incident; asks: readonly Assignment[] }) {
  const found = useSignal<People | null>(null);
  const trouble = useSignal<string | null>(null);
  const all = useSignal(false);
  const version = asks.map((each) => `${each.id}${each.state}`).join();
  useEffect(() => {
    const stop = new AbortController();
    // A burst of answers is one question.
    const timer = setTimeout(() => {
      peopleFor(incident.id, stop.signal).then(
        (people) => {
          found.value = people;
          trouble.value = null;
        },
        (error: unknown) => {
          if (!stop.signal.aborted) trouble.value = inWords(error);
        },
      );
    }, found.peek() === null ? 0 : 400);
    return () => {
      clearTimeout(timer);
      stop.abort();
    };
  }, [incident.id, version]);

  const people = found.value;
  const free = people === null ? undefined : firstFree(people);
  const shown = people === null ? [] : all.value ? people.items : people.items.slice(0, FIRST);
  return (
    <Section title={t("people.to-ask")}>
      {people && people.needs.length > 0 ? (
        <ul class="needs">
          {people.needs.map((need) => (
            <li key={need.need} class={need.taken >= need.count ? "chip chip-good" : need.exhausted ? "chip chip-bad" : "chip chip-warn"}>
              {t("need", { need: skill(need.need), going: need.taken, wanted: need.count })}
            </li>
          ))}
        </ul>
      ) : null}
      {trouble.value && people === null ? <p class="trouble">{trouble.value}</p> : null}
      {people === null && !trouble.value ? <p class="section-note">{t("people.asking")}</p> : null}
      {people?.items.length === 0 ? <p class="section-note">{t("people.nobody")}</p> : null}
      <ol class="to-ask">
        {shown.map((person) => (
          <Row key={person.responder} person={person} incident={incident} first={person === free} />
        ))}
      </ol>
      {people && people.items.length > FIRST ? (
        <Button tone="quiet" sign={all.value ? "up" : "down"} onClick={() => (all.value = !all.value)}>
          {all.value ? t("less") : t("people.more", { n: people.items.length - FIRST })}
        </Button>
      ) : null}
    </Section>
  );
}

function Row({ person, incident, first }: { person: Askable; incident: Incident; first: boolean }) {
  const barred = useBarred(incident.claim);
  const busy = deciding.value.has(`incident/${incident.id}`);
  return (
    <li class="person-to-ask">
      <span class="person-main">
        <button type="button" class="link" onClick={() => (selected.value = { kind: "responder", id: person.responder })}>
          {person.name}
        </button>
        <span class="soft">
          {person.title}
          {person.on_shift ? "" : ` · ${t("person.off")}`}
        </span>
      </span>
      <Meter value={person.score} label={t("people.fit")} />
      {person.asked !== null && STANDING.has(person.asked.state) ? (
        <span class={`chip chip-${person.asked.state}`}>{t(`assignment.${person.asked.state}`)}</span>
      ) : (
        <Button
          tone={first ? "main" : "plain"}
          sign="send"
          busy={busy}
          disabled={barred}
          {...(first ? { shortcut: "o" } : {})}
          label={t("offer.ask", { name: person.name })}
          onClick={() => void ask(incident.id, person)}
        >
          {t(person.asked === null ? "ask" : "ask.again")}
        </Button>
      )}
      <span class="person-why">{toldAll(person.reason)}</span>
    </li>
  );
}
