package omnichat

import (
	"strings"
	"testing"
)

// An id comes back from its UUID however that is written, and from no other.
func TestUUID(t *testing.T) {
	t.Parallel()
	const id = "65f0c0ffee00000000000b01"
	uuid := uuidOf(id)
	if !isUUID(uuid) || uuid[14] != '8' || uuid[19] != 'a' {
		t.Errorf("%s is no UUID of version 8", uuid)
	}
	for _, text := range []string{uuid, strings.ToUpper(uuid)} {
		if got := readUUID(text); got != id {
			t.Errorf("%s is read as %q", text, got)
		}
	}
	for _, text := range []string{"", id, uuid[:35], uuid[:35] + "2", "07269d7a-68d6-4f36-9c0b-c837d9b296ef"} {
		if got := readUUID(text); got != "" {
			t.Errorf("%q is read as %s", text, got)
		}
	}
	if got := uuidOf("short"); got != "short" {
		t.Errorf("an id of another form becomes %q", got)
	}
}
