package blocks

import (
	"errors"
	"fmt"
	"net/url"
	"slices"
	"strings"
)

// MaxURL is the longest address of a picture or page: what LINE takes.
const MaxURL = 2000

// linkSchemes are what a button may open.
func linkSchemes() []string { return []string{"https", "http", "tel", "mailto", "line"} }

// checkLink says what is wrong with the address of a button.
func checkLink(s string) error {
	u, err := readURL(s)
	if err != nil {
		return err
	}
	if !slices.Contains(linkSchemes(), u.Scheme) {
		return fmt.Errorf("the address %s begins with none of %s", quoted(s), strings.Join(linkSchemes(), ": ")+":")
	}
	if (u.Scheme == "http" || u.Scheme == "https") && u.Host == "" {
		return fmt.Errorf("the address %s names no host", quoted(s))
	}
	return nil
}

// checkMedia says what is wrong with the address of a picture, film or file:
// one of the internet, or one the bot keeps.
func checkMedia(s string) error {
	u, err := readURL(s)
	if err != nil {
		return err
	}
	if strings.HasPrefix(s, MediaScheme) {
		if mediaID(s) == "" {
			return fmt.Errorf("%s names no file: after media: stands its id, as blockcast media list shows it", quoted(s))
		}
		return nil
	}
	if u.Scheme != "https" || u.Host == "" {
		return fmt.Errorf("the address %s needs to begin with https://, or with media: and the id of a file the bot keeps", quoted(s))
	}
	return nil
}

func readURL(s string) (*url.URL, error) {
	switch {
	case blank(s):
		return nil, errors.New("the address is empty")
	case len(s) > MaxURL:
		return nil, fmt.Errorf("the address %s is longer than %d characters", quoted(s), MaxURL)
	case strings.ContainsAny(s, " \t\r\n"):
		return nil, fmt.Errorf("the address %s has spaces: use url_encode", quoted(s))
	}
	u, err := url.Parse(s)
	if err != nil {
		return nil, fmt.Errorf("%s is not an address", quoted(s))
	}
	return u, nil
}

// checkCall says what is wrong with the number of a call button.
func checkCall(s string) error {
	digits := 0
	for _, r := range s {
		switch {
		case r >= '0' && r <= '9':
			digits++
		case !strings.ContainsRune("+*# -().", r):
			return fmt.Errorf("%s is not a number to call: it may have digits and + * #", quoted(s))
		}
	}
	if digits == 0 {
		return fmt.Errorf("%s is not a number to call", quoted(s))
	}
	return nil
}

// MediaURL checks the address of a picture, film or file.
func (c *Checker) MediaURL(key string, t *Template) {
	c.Template(key, t)
	if t == nil || !t.constant {
		return
	}
	c.In(key, func() {
		if err := checkMedia(t.text); err != nil {
			c.Problem(CodeValue, err.Error(), "")
		} else if id := mediaID(t.text); id != "" {
			c.Files = append(c.Files, FileLink{ID: id, Path: string(c.path)})
		}
	})
}

// mediaURL evaluates an address; one nothing can be got from is "".
func mediaURL(env Env, locals map[string]any, t *Template) (string, error) {
	if t == nil {
		return "", nil
	}
	s, err := t.run(env, locals)
	if err != nil || t.constant {
		return s, err
	}
	s = strings.TrimSpace(s)
	if blank(s) { // an unset picture is no mistake
		return "", nil
	}
	if err := checkMedia(s); err != nil {
		env.Report(ReportURL, err.Error())
		return "", nil
	}
	return s, nil
}
