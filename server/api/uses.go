package api

import (
	"context"
	"fmt"

	"github.com/blockcast/blockcast/engine"
)

// lookThrough calls look with every published version of a bot and the name of
// its flow. what is looked for is named in its error.
func (a *API) lookThrough(ctx context.Context, botID, what string, look func(flow string, v *engine.FlowVersion) error) error {
	versions, err := a.Store.PublishedVersions(ctx, botID)
	if err != nil {
		return err
	}
	all, err := a.Store.ListFlows(ctx, botID)
	if err != nil {
		return err
	}
	names := make(map[string]string, len(all))
	for _, f := range all {
		names[f.ID] = f.Name
	}
	for i := range versions {
		if err := look(names[versions[i].FlowID], &versions[i]); err != nil {
			return fmt.Errorf("look for %s in version %d: %w", what, versions[i].ID, err)
		}
	}
	return nil
}
