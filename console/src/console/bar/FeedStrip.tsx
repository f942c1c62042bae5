import { useSignal } from "@preact/signals";
import { Age } from "../../parts/Age";
import { short } from "../../parts/spans";
import { tick } from "../../parts/tick";
import { Icon, type SignName } from "../../look/icons";
import { t } from "../../words/words";
import { feeds, feedsAt, grouped, type FeedState, type Group } from "./feeds";
import { Popover } from "./Popover";

/** A shape for each state, so that nobody needs to see the colour. */
const SIGNS: Readonly<Record<FeedState, SignName>> = { ok: "check", late: "clock", silent: "offline", failing: "warning", unknown: "minus" };
const OLD_MS = 25_000;

/** Everything that should be moving, and whether it does. */
export function FeedStrip() {
  void tick.value;
  const known = feedsAt.value;
  const old = known > 0 && Date.now() - known > OLD_MS;
  return (
    <div class={old ? "feeds feeds-old" : "feeds"} role="group" aria-label={t("feeds")}>
      {grouped(feeds.value).map((group) => (
        <FeedSign key={group.kind} group={group} />
      ))}
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
      <ul class="feed-list">
        {group.feeds.map((feed) => (
          <li key={feed.id} class={`feed-${feed.state}`}>
            <Icon sign={SIGNS[feed.state]} size="1.1em" label={t(`feed.${feed.state}`)} />
            <span>
              <strong>{t(`feed.${feed.state}`)}</strong> {feed.detail}
            </span>
            {feed.last_at ? <Age at={feed.last_at} /> : null}
          </li>
        ))}
      </ul>
    </Popover>
  );
}
