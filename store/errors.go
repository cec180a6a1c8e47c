package store

import (
	"context"
	"database/sql"
	"database/sql/driver"
	"errors"
	"fmt"
	"io"
	"net"
	"slices"
	"strings"

	"github.com/jackc/pgx/v5/pgconn"
	"gorm.io/gorm"

	"github.com/blockcast/blockcast/engine"
	"github.com/blockcast/blockcast/engine/group"
)

// unknown is what an id or a name means that the bot does not have.
func unknown(what, name string) error {
	return &engine.Error{Code: engine.NotFound, Message: fmt.Sprintf("no %s %q", what, name)}
}

// taken is what a name means that somebody else has.
func taken(field, what, name string) error {
	return &engine.Error{Code: engine.Conflict, Field: field, Message: fmt.Sprintf("%s %q exists already", what, name)}
}

func invalid(field, format string, args ...any) error {
	return &engine.Error{Code: engine.Invalid, Field: field, Message: fmt.Sprintf(format, args...)}
}

// isDuplicate reports whether a gorm call broke a unique rule.
func isDuplicate(err error) bool { return errors.Is(err, gorm.ErrDuplicatedKey) }

// isRepeated reports whether a script's statement broke a unique rule.
func isRepeated(err error) bool {
	var pg *pgconn.PgError
	return errors.As(err, &pg) && pg.Code == "23505" || sqliteRepeated(err)
}

func isMissing(err error) bool { return errors.Is(err, gorm.ErrRecordNotFound) }

// Away reports whether an error means that the database could not be reached
// or asked just now, rather than that it refused the data.
func (d *DB) Away(err error) bool {
	if err == nil {
		return false
	}
	if errors.Is(err, context.Canceled) || errors.Is(err, context.DeadlineExceeded) ||
		errors.Is(err, sql.ErrConnDone) || errors.Is(err, group.ErrStopped) || errors.Is(err, group.ErrBusy) || errors.Is(err, driver.ErrBadConn) || errors.Is(err, io.ErrUnexpectedEOF) {
		return true
	}
	var pg *pgconn.PgError
	if errors.As(err, &pg) {
		return awayClass(pg.Code)
	}
	var connect *pgconn.ConnectError
	var network net.Error
	if errors.As(err, &connect) || errors.As(err, &network) || pgconn.SafeToRetry(err) {
		return true
	}
	return sqliteAway(err) || slices.ContainsFunc(awayWords[:], func(w string) bool { return strings.Contains(err.Error(), w) })
}

// rolledBack reports whether Postgres undid a transaction for another one's
// sake: class 40, a deadlock; 55P03, a row that was held too long.
func rolledBack(err error) bool {
	var pg *pgconn.PgError
	return errors.As(err, &pg) && (strings.HasPrefix(pg.Code, "40") || pg.Code == "55P03")
}

// awayWords are in errors that the drivers do not let be told otherwise.
var awayWords = [...]string{"database is closed", "closed pool", "conn closed"}

// awayClass tells Postgres's error classes that are about the server: 08
// connection, 40 rolled back by a deadlock, 53 resources, 55 in use, 57
// operator, 58 system.
func awayClass(code string) bool {
	switch code[:2] {
	case "08", "40", "53", "55", "57", "58":
		return true
	}
	return false
}
