import { t } from "../../words/words";
import { feeds } from "./feeds";

export function FeedStrip() {
  return <div class="feeds" aria-label={t("feeds")}>{feeds.value.length > 0 ? null : null}</div>;
}
