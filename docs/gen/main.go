// Command gen writes the parts of the documentation that the code knows best:
// steps, functions, states, settings. A page has its own words and marks where
// a part goes; what stands between the marks is written anew. Run it from
// anywhere in the repository:
//
//	go run ./docs/gen
package main

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
)

func main() {
	if err := run(); err != nil {
		fmt.Fprintln(os.Stderr, "docs/gen:", err)
		os.Exit(1)
	}
}

// helpWidth keeps the program's help the same on every terminal.
const helpWidth = "100"

func run() error {
	if err := os.Setenv("COLUMNS", helpWidth); err != nil {
		return err
	}
	root, err := repository()
	if err != nil {
		return err
	}
	pages, err := pages(root)
	if err != nil {
		return err
	}
	for _, p := range pages {
		if p.want == p.have {
			continue
		}
		if err := os.WriteFile(p.path, []byte(p.want), 0o644); err != nil {
			return err
		}
		fmt.Println("wrote", p.name)
	}
	return nil
}

// repository is the folder with the module, above the one we are in.
func repository() (string, error) {
	dir, err := os.Getwd()
	if err != nil {
		return "", err
	}
	for {
		if _, err := os.Stat(filepath.Join(dir, "go.mod")); err == nil {
			return dir, nil
		}
		up := filepath.Dir(dir)
		if up == dir {
			return "", errors.New("this is not inside the repository: there is no go.mod above")
		}
		dir = up
	}
}
