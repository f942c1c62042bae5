"""Where things are: positions, wards, words for places, what stands near. Values and pure functions, no events."""
