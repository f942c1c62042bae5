"""The 47 counties of Kenya and their codes (Constitution of Kenya 2010, First Schedule, in its order)."""

from typing import Final

_NAMES: Final = (
    "Mombasa, Kwale, Kilifi, Tana River, Lamu, Taita Taveta, Garissa, Wajir, Mandera, Marsabit, Isiolo, Meru, "
    "Tharaka Nithi, Embu, Kitui, Machakos, Makueni, Nyandarua, Nyeri, Kirinyaga, Murang'a, Kiambu, Turkana, "
    "West Pokot, Samburu, Trans Nzoia, Uasin Gishu, Elgeyo Marakwet, Nandi, Baringo, Laikipia, Nakuru, Narok, Kajiado, "
    "Kericho, Bomet, Kakamega, Vihiga, Bungoma, Busia, Siaya, Kisumu, Homa Bay, Migori, Kisii, Nyamira, Nairobi"
)

COUNTIES: Final[dict[str, str]] = {f"{n:03}": name for n, name in enumerate(_NAMES.split(", "), start=1)}
"""County names by three-digit code."""
