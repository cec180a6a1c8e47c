package expression

import (
	"maps"
	"slices"
)

// maxSamples is how many examples of one value are looked at.
const maxSamples = 50

// sampled is what a sample shows, nil when there is none.
func sampled(sample any) []any {
	if sample == nil {
		return nil
	}
	return []any{sample}
}

// itemsOf are the examples of a list's items.
func itemsOf(samples []any) []any {
	var items []any
	for _, s := range samples {
		if list, ok := plain(s).([]any); ok {
			items = append(items, list[:min(len(list), maxSamples-min(len(items), maxSamples))]...)
		}
	}
	return items
}

// membersOf are the examples of a member, and which members the examples have
// altogether. Known is false when the examples say nothing about members.
func membersOf(samples []any, key string) (members []any, keys []string, known bool) {
	seen := map[string]bool{}
	for _, s := range samples {
		m, ok := plain(s).(map[string]any)
		if !ok {
			continue
		}
		known = true
		if v, ok := m[key]; ok {
			members = append(members, v)
			seen[key] = true
		}
		for k := range m {
			seen[k] = true
		}
	}
	return members, slices.Sorted(maps.Keys(seen)), known && len(seen) > 0
}

// merged makes one example of many: a map of all their members, else the first.
func merged(samples []any) any {
	if len(samples) == 0 {
		return nil
	}
	all := map[string]any{}
	for _, s := range samples {
		m, ok := s.(map[string]any)
		if !ok {
			return samples[0]
		}
		for k, v := range m {
			if _, ok := all[k]; !ok || all[k] == nil {
				all[k] = v
			}
		}
	}
	return all
}

// warnSample warns when every example of a value is of another type than the
// one that is needed.
func (c *compiler) warnSample(n node, t Type, at int, who string) {
	if len(n.samples) == 0 {
		return
	}
	for _, s := range n.samples {
		if s == nil {
			return
		}
		if _, err := c.check.as(t, plain(s)); err == nil {
			return
		}
	}
	c.warn(CodeType, at, "", "%s needs %s but the sample has %s", who, t.phrase(), kindOf(plain(n.samples[0])))
}
