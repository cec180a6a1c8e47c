package enginetest

import (
	"fmt"
	"os"
	"path/filepath"
	"testing"

	"github.com/blockcast/blockcast/engine"
	"github.com/blockcast/blockcast/flows"
)

// shelf publishes flows as the API does.
type shelf struct {
	t         *testing.T
	known     []flows.Known
	published []engine.Published
	old       map[int64]*flows.Program
	revision  int64
}

func newShelf(t *testing.T) *shelf { return &shelf{t: t, old: map[int64]*flows.Program{}} }

// publish checks the documents and makes the library that holds their newest
// versions.
func (s *shelf) publish(folder string, files []string) *engine.Library {
	s.t.Helper()
	for _, file := range files {
		s.add(filepath.Join(folder, file))
	}
	s.revision++
	old := s.old
	return engine.NewLibrary("b00000000000000000000001", s.revision, append([]engine.Published(nil), s.published...),
		func(id int64) (*flows.Program, error) { return old[id], nil })
}

func (s *shelf) add(file string) {
	s.t.Helper()
	data, err := os.ReadFile(file)
	if err != nil {
		s.t.Fatal(err)
	}
	checked, problems := flows.Check(data, filepath.Base(file), flows.Catalog{Blocks: s.known})
	if checked == nil {
		s.t.Fatalf("%s: %v", file, problems)
	}
	// Through what is stored, as a later start of the program would.
	program, err := flows.Compile(data, checked.IDs)
	if err != nil {
		s.t.Fatalf("%s: %v", file, err)
	}
	p := engine.Published{FlowID: fmt.Sprintf("%024x", 0xf0+len(s.published)), Name: program.Flow, Number: 1, Program: program}
	at := len(s.published)
	for i, other := range s.published {
		if other.Name == p.Name {
			at, p.FlowID, p.Number = i, other.FlowID, other.Number+1
		}
	}
	p.VersionID = int64(at+1)*100 + int64(p.Number)
	s.old[p.VersionID] = program
	if at == len(s.published) {
		s.published = append(s.published, p)
	} else {
		s.published[at] = p
	}
	for id, b := range program.Blocks {
		s.known = append(s.known, flows.Known{ID: id, Name: b.Name, Flow: program.Flow, Aliases: b.Aliases, Module: b.Module})
	}
}
