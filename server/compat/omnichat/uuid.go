package omnichat

import (
	"crypto/sha256"
	"encoding/hex"
	"regexp"
	"strings"
)

// idDigits is how long our ids are.
const idDigits = 24

// uuidOf is an id of ours in the form the vendor's have: its halves stand at the
// ends, and a check of them between, so that a mistyped one means nothing.
func uuidOf(id string) string {
	if len(id) != idDigits {
		return id
	}
	sum := sha256.Sum256([]byte("omnichat\n" + id))
	check := hex.EncodeToString(sum[:4])
	return id[:8] + "-" + id[8:12] + "-8" + check[:3] + "-a" + check[3:6] + "-" + id[12:]
}

// readUUID is the id that uuidOf wrote, "" when it wrote none.
func readUUID(text string) string {
	s := strings.ToLower(text)
	if !isUUID(s) {
		return ""
	}
	id := s[:8] + s[9:13] + s[24:]
	if uuidOf(id) != s {
		return ""
	}
	return id
}

var uuidForm = regexp.MustCompile(`^[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}$`)

func isUUID(text string) bool { return uuidForm.MatchString(text) }
