package worker

import (
	"fmt"
	"log/slog"
)

// queueLog hands the queue library's lines to the structured log. They are
// free text, so they stand under one message.
type queueLog struct{ log *slog.Logger }

func (l queueLog) Debug(args ...any) { l.log.Debug("asynq", "text", fmt.Sprint(args...)) }
func (l queueLog) Info(args ...any)  { l.log.Info("asynq", "text", fmt.Sprint(args...)) }
func (l queueLog) Warn(args ...any)  { l.log.Warn("asynq", "text", fmt.Sprint(args...)) }
func (l queueLog) Error(args ...any) { l.log.Error("asynq", "text", fmt.Sprint(args...)) }
func (l queueLog) Fatal(args ...any) { l.log.Error("asynq", "text", fmt.Sprint(args...)) }
