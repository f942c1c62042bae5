/** Where to go: how far and which way in words, the map, the phone's own map, and whom to call. */
import type { Incident } from "../data/contract";
import { Icon } from "../look/icons";
import { inert } from "../parts/Said";
import { far } from "../parts/spans";
import { t } from "../words/words";
import type { Standing } from "./asks";
import { phone } from "./desk";
import { MapButton } from "./MapView";
import { geo, way } from "./where";

const THERE_M = 50;

export function Where({ standing, incident }: { standing: Standing; incident: Incident | undefined }) {
  const { ask } = standing;
  const to = incident ?? ask;
  const found = way(to, phone.place.fix.value, phone.me.value, ask.distance_m, Date.now());
  const centre = phone.who.value?.centre;
  return (
    <section class="where">
      {found ? (
        <p class="where-way">
          <Icon sign="way" size="1.5rem" />
          <span>
            {found.wind === null || (found.from === "here" && found.metres < THERE_M)
              ? t(`phone.way.${found.from}-plain`, { far: far(found.metres) })
              : t(`phone.way.${found.from}`, { far: far(found.metres), wind: t(`phone.wind.${found.wind}`) })}
          </span>
        </p>
      ) : null}
      <div class="where-do">
        {incident ? <MapButton incident={incident} /> : null}
        <a class="tile" href={geo(to, inert(ask.ward_name))}>
          <Icon sign="locate" size="1.5rem" />
          {t("phone.route")}
          <span class="unseen"> {t("phone.route.label")}</span>
        </a>
        {centre ? (
          <a class="tile" href={`tel:${centre}`}>
            <Icon sign="phone" size="1.5rem" />
            {t("phone.call")}
            <span class="unseen"> {t("phone.call.label")}</span>
          </a>
        ) : null}
      </div>
    </section>
  );
}
