/** The names of the tokens in `look/tokens.css`, in the order in which they are shown; a test holds both alike. */
export const COLOURS = [
  "ground", "panel", "raised", "line", "line-strong", "text", "text-soft",
  "accent", "on-accent", "accent-soft", "focus", "good", "good-soft", "warn", "warn-soft", "bad", "bad-soft",
  "extreme", "on-extreme", "severe", "on-severe", "moderate", "on-moderate", "minor", "on-minor", "unknown", "on-unknown",
  "map-ground", "map-land", "map-ward", "map-subcounty", "map-county", "map-label", "map-halo", "map-water",
  "map-person", "map-person-stale", "map-report",
] as const;

export const SIZES = ["s", "m", "l", "xl", "wall"] as const;
