package api

import (
	"bytes"
	"context"
	"encoding/json"
	"maps"
	"slices"
	"time"

	"github.com/blockcast/blockcast/engine"
	"github.com/blockcast/blockcast/flows"
	"github.com/blockcast/blockcast/server/problem"
)

// readAttributes reads facts and attributes that a call brings. Numbers are
// read exactly; null unsets.
func (a *API) readAttributes(ctx context.Context, facts map[string]any, raw map[string]json.RawMessage) (engine.Deltas, error) {
	given, unset, err := readValues(raw)
	if err != nil {
		return engine.Deltas{}, err
	}
	maps.Copy(given, facts)
	d, _, err := a.Outbox.ReadAttributes(ctx, botOf(ctx), given)
	d.Unset = append(d.Unset, unset...)
	return d, err
}

// readValues decodes attributes one by one, numbers as json.Number, and tells
// which are null.
func readValues(raw map[string]json.RawMessage) (values map[string]any, null []string, err error) {
	values = make(map[string]any, len(raw))
	for _, name := range slices.Sorted(maps.Keys(raw)) {
		d := json.NewDecoder(bytes.NewReader(raw[name]))
		d.UseNumber()
		var v any
		if err := d.Decode(&v); err != nil {
			return nil, nil, invalid("attributes."+name, "the value "+problem.NotJSON(err))
		}
		if v == nil {
			null = append(null, name)
			continue
		}
		values[name] = v
	}
	return values, null, nil
}

// duration reads a length of time, or takes the usual one for none.
func duration(field, text string, usual time.Duration) (time.Duration, error) {
	if text == "" {
		return usual, nil
	}
	d, err := flows.Duration(text)
	if err != nil || d <= 0 {
		return 0, invalid(field, "this is no length of time: write it as 90s, 30m, 2h or 1d")
	}
	return d, nil
}
