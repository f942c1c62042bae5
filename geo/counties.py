"""The 47 counties of Kenya: codes (Constitution of Kenya 2010, First Schedule, in its order) and numbers of wards."""

from typing import Final

_NAMES: Final = (
    "Mombasa, Kwale, Kilifi, Tana River, Lamu, Taita Taveta, Garissa, Wajir, Mandera, Marsabit, Isiolo, Meru, "
    "Tharaka Nithi, Embu, Kitui, Machakos, Makueni, Nyandarua, Nyeri, Kirinyaga, Murang'a, Kiambu, Turkana, "
    "West Pokot, Samburu, Trans Nzoia, Uasin Gishu, Elgeyo Marakwet, Nandi, Baringo, Laikipia, Nakuru, Narok, Kajiado, "
    "Kericho, Bomet, Kakamega, Vihiga, Bungoma, Busia, Siaya, Kisumu, Homa Bay, Migori, Kisii, Nyamira, Nairobi"
)

COUNTIES: Final[dict[str, str]] = {f"{n:03}": name for n, name in enumerate(_NAMES.split(", "), start=1)}
"""County names by three-digit code."""

_WARDS: Final = (
    30, 20, 35, 15, 10, 20, 30, 30, 30, 20, 10, 45, 15, 20, 40, 40, 30, 25, 30, 20, 35, 60, 30, 20, 15, 25, 30, 20, 30,
    30, 15, 55, 30, 25, 30, 25, 60, 25, 45, 35, 30, 35, 40, 40, 45, 20, 85,
)  # fmt: skip

WARDS_2012: Final[dict[str, int]] = dict(zip(COUNTIES, _WARDS, strict=True))
"""Number of wards by county code in the delimitation of 2012: 1,450 in all."""
