// etcd as one program. (Its own module cannot be installed by name, because of its replace lines.)
package main

import (
	"os"

	"go.etcd.io/etcd/server/v3/etcdmain"
)

func main() {
	etcdmain.Main(os.Args)
}
