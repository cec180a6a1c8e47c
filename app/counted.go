package app

import (
	"fmt"
	"strconv"
)

// counted counts things in words.
func counted(n int, thing string) string {
	if n == 1 {
		return "1 " + thing
	}
	return strconv.Itoa(n) + " " + thing + "s"
}

// persons counts people in words.
func persons[N int | int64](n N) string {
	if n == 1 {
		return "1 person"
	}
	return fmt.Sprintf("%d people", n)
}
