package app

import (
	"fmt"
	"runtime"
)

type versionCommand struct {
	JSON bool `name:"json" help:"As JSON."`
}

func (c *versionCommand) Run(p *Process) error {
	if c.JSON {
		return writeJSON(p.Out, map[string]string{"version": version(), "go": runtime.Version()})
	}
	_, err := fmt.Fprintf(p.Out, "blockcast %s (%s, %s/%s)\n", version(), runtime.Version(), runtime.GOOS, runtime.GOARCH)
	return err
}
