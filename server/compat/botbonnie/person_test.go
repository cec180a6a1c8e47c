package botbonnie

import "testing"

// A bot_uid leads back to its identity, and to nobody for another bot, or when
// a letter of it is wrong.
func TestUserID(t *testing.T) {
	t.Parallel()
	const bot, id = "65f0c0ffee0000000000b071", int64(1234567)
	uid := userID(bot, id)
	if got := readUserID(bot, uid); got != id {
		t.Errorf("%s is read as %d", uid, got)
	}
	if got := readUserID("65f0c0ffee0000000000b072", uid); got != 0 {
		t.Errorf("another bot reads %d", got)
	}
	for i := range uid {
		wrong := []byte(uid)
		wrong[i] = 'A' + (wrong[i]+1)%26
		if got := readUserID(bot, string(wrong)); got != 0 && string(wrong) != uid {
			t.Errorf("%s is read as %d", wrong, got)
		}
	}
	if readUserID(bot, userID(bot, 0)) != 0 || readUserID(bot, userID(bot, -1)) != 0 {
		t.Error("0 and less is somebody")
	}
}

// FuzzReadUserID holds that nothing but what UserID wrote is anybody.
func FuzzReadUserID(f *testing.F) {
	f.Add("bot", userID("bot", 7))
	f.Add("", "AAAAAAAAAAAAAAAA")
	f.Fuzz(func(t *testing.T, bot, uid string) {
		if id := readUserID(bot, uid); id != 0 && userID(bot, id) != uid {
			t.Errorf("%q is read as %d", uid, id)
		}
	})
}
