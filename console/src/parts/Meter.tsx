/** A share of one as a bar with its figure. The words stand beside it. */
export function Meter({ value, label, most = 1 }: { value: number; label: string; most?: number }) {
  const share = Math.max(0, Math.min(1, value / most));
  return (
    <span class="meter" role="meter" aria-label={label} aria-valuenow={Math.round(share * 100)} aria-valuemin={0} aria-valuemax={100}>
      <span class="meter-fill" style={{ width: `${share * 100}%` }} />
    </span>
  );
}
