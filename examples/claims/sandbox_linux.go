package main

import (
	"os"
	"syscall"
)

// withoutNetwork starts a process in a network of its own, with nothing in it. Whoever is not root
// needs a user namespace for that, where he is.
var withoutNetwork = &syscall.SysProcAttr{
	Cloneflags:  syscall.CLONE_NEWUSER | syscall.CLONE_NEWNET,
	UidMappings: []syscall.SysProcIDMap{{ContainerID: 0, HostID: os.Getuid(), Size: 1}},
	GidMappings: []syscall.SysProcIDMap{{ContainerID: 0, HostID: os.Getgid(), Size: 1}},
}
