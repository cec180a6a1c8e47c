package blocks

import "slices"

// Kind is one kind of step.
type Kind struct {
	Name   string
	New    func() Step
	Speaks bool // says messages and so may stand in a module
}

// Kinds returns every kind of step a flow can be written with, in the order of
// the documentation.
func Kinds() []Kind {
	return listed([]Kind{
		{KindText, func() Step { return new(TextStep) }, true},
		{Image, func() Step { return &MediaStep{kind: Image} }, true},
		{Video, func() Step { return &MediaStep{kind: Video} }, true},
		{Audio, func() Step { return &MediaStep{kind: Audio} }, true},
		{File, func() Step { return &MediaStep{kind: File} }, true},
		{KindCarousel, func() Step { return new(CarouselStep) }, true},
		{KindImageCarousel, func() Step { return new(ImageCarouselStep) }, true},
		{KindLocation, func() Step { return new(LocationStep) }, true},
		{KindTemplate, func() Step { return new(TemplateStep) }, true},
		{KindRaw, func() Step { return new(RawStep) }, true},
		{KindModule, func() Step { return new(ModuleStep) }, true},
		{KindAsk, func() Step { return new(AskStep) }, false},
		{KindSet, func() Step { return new(SetStep) }, false},
		{KindTag, func() Step { return new(TagStep) }, false},
		{KindIf, func() Step { return new(IfStep) }, false},
		{KindSwitch, func() Step { return new(SwitchStep) }, false},
		{KindGoto, func() Step { return new(GotoStep) }, false},
		{KindRequest, func() Step { return new(RequestStep) }, false},
		{KindWait, func() Step { return new(WaitStep) }, false},
		{KindLater, func() Step { return new(LaterStep) }, false},
		{KindCancel, func() Step { return new(CancelStep) }, false},
		{KindTyping, func() Step { return new(TypingStep) }, false},
		{KindHandover, func() Step { return new(HandoverStep) }, false},
		{KindSubscribe, func() Step { return new(SubscribeStep) }, false},
		{KindUnsubscribe, func() Step { return new(UnsubscribeStep) }, false},
		{KindNotify, func() Step { return new(NotifyStep) }, false},
		{KindStop, func() Step { return new(StopStep) }, false},
	})
}

// Later returns the kinds that belong to the format and cannot be run yet.
func Later() []string {
	return []string{"split", "sticker"}
}

// listed returns the kinds when each is named once and is what it is named.
func listed(kinds []Kind) []Kind {
	var seen []string
	for _, k := range kinds {
		if slices.Contains(seen, k.Name) {
			panic("blocks: kind " + k.Name + " listed twice")
		}
		if got := k.New().Kind(); got != k.Name {
			panic("blocks: kind " + k.Name + " makes a " + got)
		}
		seen = append(seen, k.Name)
	}
	return kinds
}
