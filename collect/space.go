package collect

import (
	"errors"
	"syscall"
)

// noSpace says whether an error means a full disk (fault 39).
func noSpace(err error) bool {
	return errors.Is(err, syscall.ENOSPC) || errors.Is(err, syscall.EDQUOT)
}
