import { useSignal } from "@preact/signals";
import { Age } from "../../parts/Age";
import { List } from "../../parts/List";
import { Icon } from "../../look/icons";
import { t } from "../../words/words";
import type { Responder } from "../../data/contract";
import { selected } from "../desk";
import { busy, people } from "../picture";
import { nameOf } from "../places";
import { Nothing } from "./Nothing";
import { pick, toDrawer } from "./open";

/** From so old on a position is only where somebody once was. */
export const STALE_FIX_MS = 10 * 60_000;

/** Everybody who can be asked, those on shift first. */
export function PeopleList() {
  const item = selected.value;
  const search = useSignal("");
  const words = search.value.toLowerCase().split(/\s+/).filter(Boolean);
  const shown = people.value.filter((person) => {
    const text = `${person.name} ${person.title ?? ""} ${(person.skills ?? []).join(" ")} ${nameOf(person.home)} ${person.phone ?? ""}`.toLowerCase();
    return words.every((word) => text.includes(word));
  });
  return (
    <>
      <search class="filter">
        <label class="filter-search">
          <Icon sign="search" />
          <input
            id="search"
            type="search"
            value={search.value}
            placeholder={t("people.search")}
            aria-label={t("people.search")}
            onInput={(event) => (search.value = event.currentTarget.value)}
          />
        </label>
      </search>
      <List
        items={shown}
        keyOf={(person) => person.id}
        rem={4.75}
        label={t("tab.people")}
        picked={item?.kind === "responder" ? item.id : null}
        onPick={(person) => pick({ kind: "responder", id: person.id })}
        onOpen={(person) => {
          pick({ kind: "responder", id: person.id });
          toDrawer();
        }}
        row={(person) => <PersonRow person={person} />}
        empty={<Nothing sign="people" title={t(words.length > 0 ? "people.none-so" : "people.none")} />}
      />
    </>
  );
}

function PersonRow({ person }: { person: Responder }) {
  const open = busy.value.get(person.id) ?? 0;
  return (
    <div class={person.on_shift ? "line-row" : "line-row line-over"}>
      <span class={person.on_shift ? "person-mark person-on" : "person-mark"}>
        <Icon sign="responder" size="1.25rem" />
      </span>
      <div class="line-main">
        <p class="line-head">
          <strong>{person.name}</strong>
          <span class="line-soft">{person.title}</span>
        </p>
        <p class="line-foot">
          <span class={person.on_shift ? "chip chip-good" : "chip"}>{t(person.on_shift ? "person.on" : "person.off")}</span>
          {open > 0 ? <span class="chip chip-going figures">{t(open === 1 ? "person.ask" : "person.asks", { n: open })}</span> : null}
          <span class="line-soft">{nameOf(person.home)}</span>
          {person.fix_at ? <Age brief at={person.fix_at} stale={STALE_FIX_MS} /> : null}
        </p>
      </div>
    </div>
  );
}
