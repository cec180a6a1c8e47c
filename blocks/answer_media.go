package blocks

// hearLocation takes a place.
func hearLocation(in *Input) (heard, error) {
	if in.Location == nil {
		return heard{}, errUnfit
	}
	l := in.Location
	return heard{value: map[string]any{
		"title": l.Title, "address": l.Address, "latitude": l.Latitude, "longitude": l.Longitude,
	}}, nil
}

// hearMedia takes a picture, film, sound or file. Its url is the platform's
// and good until expires_at; where the platform gives none the id is kept.
func hearMedia(in *Input, want string) (heard, error) {
	if in.Media == nil || in.Media.Type != want {
		return heard{}, errUnfit
	}
	return heard{value: mediaValue(in.Media)}, nil
}

func mediaValue(r *Received) map[string]any {
	v := map[string]any{"type": r.Type, "url": r.URL, "size": float64(r.Size)}
	if r.ID != "" {
		v["id"] = r.ID
	}
	if r.Name != "" {
		v["name"] = r.Name
	}
	if !r.ExpiresAt.IsZero() {
		v["expires_at"] = r.ExpiresAt
	}
	return v
}

// hearAny takes whatever comes: a text, or an object for media and places.
func hearAny(in *Input, text string) (heard, error) {
	switch {
	case in.Media != nil:
		return heard{value: mediaValue(in.Media)}, nil
	case in.Location != nil:
		return hearLocation(in)
	case in.Kind == InputSticker && blank(text):
		return heard{value: map[string]any{"type": InputSticker}}, nil
	case blank(text):
		return heard{}, errUnfit
	}
	return heard{value: text}, nil
}

// isMediaAnswer reports whether the answer is something else than text.
func isMediaAnswer(expect string) bool {
	switch expect {
	case ExpectLocation, ExpectImage, ExpectVideo, ExpectAudio, ExpectFile:
		return true
	}
	return false
}
