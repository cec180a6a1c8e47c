package app

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/blockcast/blockcast/engine/simulate/script"
)

// maxFlowFile is the most the API takes.
const maxFlowFile = 8 << 20

// flowFiles lists the files that paths mean: a folder all the .json in it, "-"
// the input. Tests are left out: a shell's *.json names them, too.
func flowFiles(paths []string) ([]string, error) {
	isTest := func(path string) bool { return strings.HasSuffix(path, script.Suffix) }
	if !slices.ContainsFunc(paths, func(path string) bool { return !isTest(path) }) {
		return nil, exitWith(exitUsage, "%s is a test of flows: play it with blockcast flows test", strings.Join(paths, ", "))
	}
	var files []string
	for _, path := range paths {
		if path == "-" {
			files = append(files, path)
			continue
		}
		info, err := os.Stat(path)
		if errors.Is(err, fs.ErrNotExist) {
			return nil, exitWith(exitAbsent, "there is no file %s", path)
		}
		if err != nil {
			return nil, err
		}
		if !info.IsDir() {
			if !isTest(path) {
				files = append(files, path)
			}
			continue
		}
		inside, err := filepath.Glob(filepath.Join(path, "*.json"))
		if err != nil {
			return nil, err
		}
		inside = slices.DeleteFunc(inside, isTest)
		if len(inside) == 0 {
			return nil, exitWith(exitAbsent, "the folder %s holds no .json file", path)
		}
		slices.Sort(inside)
		files = append(files, inside...)
	}
	return files, nil
}

func readFlow(p *Process, file string) ([]byte, error) {
	var r io.Reader
	if file == "-" {
		r = p.In
	} else {
		f, err := os.Open(file)
		if err != nil {
			return nil, err
		}
		defer f.Close()
		r = f
	}
	text, err := io.ReadAll(io.LimitReader(r, maxFlowFile+1))
	if err == nil && len(text) > maxFlowFile {
		err = fmt.Errorf("%s is larger than %d MB", file, maxFlowFile>>20)
	}
	return text, err
}
