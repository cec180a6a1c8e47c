package blocks

import "math"

// KindLocation is the kind of LocationStep.
const KindLocation = "location"

// LocationStep says a point on the map.
//
//	{"type": "location", "title": "Our shop", "address": "12 Lê Lợi, Quận 1", "latitude": 10.7731, "longitude": 106.7030}
type LocationStep struct {
	Title     Template `json:"title" doc:"The name of the place."`
	Address   Template `json:"address" doc:"Its address."`
	Latitude  Number   `json:"latitude" doc:"Degrees north, negative south."`
	Longitude Number   `json:"longitude" doc:"Degrees east, negative west."`
	Speech
}

// Kind implements Step.
func (s *LocationStep) Kind() string { return KindLocation }

// Check implements Step.
func (s *LocationStep) Check(c *Checker) {
	c.Needed("title", &s.Title)
	c.Needed("address", &s.Address)
	c.Number("latitude", &s.Latitude, -90, 90)
	c.Number("longitude", &s.Longitude, -180, 180)
	s.Speech.check(c)
}

// Compile implements Step.
func (s *LocationStep) Compile(c *Code) { c.Emit(say{s}) }

func (s *LocationStep) part(env Env) (Part, error) {
	l := &Location{}
	var err error
	if l.Title, err = s.Title.run(env, nil); err != nil {
		return nil, err
	}
	if l.Address, err = s.Address.run(env, nil); err != nil {
		return nil, err
	}
	if l.Latitude, err = s.Latitude.run(env, nil); err != nil {
		return nil, err
	}
	l.Longitude, err = s.Longitude.run(env, nil)
	if math.Abs(l.Latitude) > 90 || math.Abs(l.Longitude) > 180 {
		env.Report(ReportEmpty, "the place "+quoted(l.Title)+" is not on the map and is not sent")
		return nil, err
	}
	return l, err
}
