package console

import (
	"maps"
	"slices"
)

// Deeds are the names that /:id/:deed knows.
func (k *Console) Deeds() []string { return slices.Sorted(maps.Keys(k.deeds())) }
