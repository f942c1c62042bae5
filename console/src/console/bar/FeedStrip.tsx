import { useSignal } from "@preact/signals";
import { Age } from "../../parts/Age";
import { short } from "../../parts/spans";
import { tick } from "../../parts/tick";
import { Icon, type SignName } from "../../look/icons";
import { t } from "../../words/words";
import { live } from "../desk";
import { feeds, feedsAt, grouped, WORST, type Feed, type FeedState, type Group } from "./feeds";
import { Popover } from "./Popover";

/** A shape for each state, so that nobody needs to see the colour. */
const SIGNS: Readonly<Record<FeedState, SignName>> = { ok: "check", late: "clock", silent: "offline", failing: "warning", unknown: "minus" };
const OLD_MS = 25_000;

/** Everything that should be moving, and whether it does. */
export function FeedStrip() {
  void tick.value;
  const known = feedsAt.value;
  // What was well when the line was lost may not be so now.
  const old = known > 0 && (live.line.value.state === "lost" || Date.now() - known > OLD_MS);
  const groups = grouped(feeds.value);
  return (
    <div class={old ? "feeds feeds-old" : "feeds"} role="group" aria-label={t("feeds")}>
      {groups.map((group) => (
        <FeedSign key={group.kind} group={group} />
      ))}
      {groups.length > 0 ? <AllFeeds groups={groups} /> : null}
      {old ? <span class="feed-age">{t("feeds.age", { n: short(Date.now() - known) })}</span> : null}
    </div>
  );
}

function FeedSign({ group }: { group: Group }) {
  const open = useSignal(false);
  const name = t(`feed.kind.${group.kind}`);
  const age = group.last === null ? "" : short(tick.value - Date.parse(group.last));
  // What stands beside the sign is part of the button's name: who speaks to the page says what is seen.
  const told = group.bad > 0 && group.feeds.length > 1 ? String(group.bad) : age;
  return (
    <Popover
      open={open}
      class={`feed feed-${group.state}`}
      label={[`${name}: ${t(`feed.${group.state}`)}`, told].filter(Boolean).join(", ")}
      button={
        <>
          <Icon sign={SIGNS[group.state]} size="1em" />
          <span class="feed-name">{name}</span>
          <span class={told === age ? "feed-age figures" : "figures"}>{told}</span>
        </>
      }
    >
      <h2 class="popover-title">{name}</h2>
      <FeedList feeds={group.feeds} />
    </Popover>
  );
}

/** All under one sign, where the bar is too narrow for each: the worst speaks. */
function AllFeeds({ groups }: { groups: readonly Group[] }) {
  const open = useSignal(false);
  const state = WORST.find((each) => groups.some((group) => group.state === each)) ?? "unknown";
  const bad = groups.reduce((sum, group) => sum + group.bad, 0);
  return (
    <Popover
      open={open}
      class={`feed feed-all feed-${state}`}
      label={`${t("feeds")}: ${t(`feed.${state}`)}`}
      button={
        <>
          <Icon sign={SIGNS[state]} size="1em" />
          {t("feeds")}
          {bad > 0 ? <span class="figures">{bad}</span> : null}
        </>
      }
    >
      {groups.map((group) => (
        <section key={group.kind}>
          <h2 class="popover-title">{t(`feed.kind.${group.kind}`)}</h2>
          <FeedList feeds={group.feeds} />
        </section>
      ))}
    </Popover>
  );
}

function FeedList({ feeds: some }: { feeds: readonly Feed[] }) {
  return (
    <ul class="feed-list">
        {some.map((feed) => (
          <li key={feed.id} class={`feed-${feed.state}`}>
            <Icon sign={SIGNS[feed.state]} size="1.1em" label={t(`feed.${feed.state}`)} />
            <span>
              <strong>{t(`feed.${feed.state}`)}</strong> {feed.detail}
            </span>
            {feed.last_at ? <Age at={feed.last_at} /> : null}
          </li>
        ))}
      </ul>
  );
}
