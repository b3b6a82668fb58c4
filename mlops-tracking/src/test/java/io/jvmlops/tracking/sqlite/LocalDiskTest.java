package io.jvmlops.tracking.sqlite;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.jvmlops.api.error.StorageException;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class LocalDiskTest {
    @Test
    void networkFileSystemsAreKnownByTheirTypes() {
        for (String type : List.of(
                "nfs",
                "nfs4",
                "cifs",
                "smbfs",
                "smb3",
                "9p",
                "afs",
                "ceph",
                "glusterfs",
                "lustre",
                "fuse.sshfs",
                "fuse.s3fs",
                "fuse.rclone",
                "fuse.glusterfs",
                "fuse.ceph-fuse",
                "fuse.nfs-ganesha",
                "osxfuse_sshfs",
                "webdav",
                "afpfs")) {
            assertThat(LocalDisk.isNetwork(type)).as(type).isTrue();
            assertThat(LocalDisk.isNetwork(type.toUpperCase(Locale.ROOT)))
                    .as(type)
                    .isTrue();
        }
    }

    @Test
    void localFileSystemsAreNotMistakenForThem() {
        for (String type : List.of(
                "ext4",
                "xfs",
                "btrfs",
                "zfs",
                "tmpfs",
                "overlay",
                "apfs",
                "hfs",
                "NTFS",
                "ReFS",
                "vfat",
                "exfat",
                "fuseblk",
                "fuse.ntfs-3g",
                "fuse.lxcfs",
                "fuse.mergerfs",
                "fuse.bindfs",
                "ufs",
                "f2fs",
                "")) {
            assertThat(LocalDisk.isNetwork(type)).as(type).isFalse();
        }
    }

    @Test
    void pathsOfAnotherMachineAreKnownByTheirBeginning() {
        assertThat(LocalDisk.isUnc("\\\\server\\share\\mlops.db")).isTrue();
        assertThat(LocalDisk.isUnc("\\\\?\\UNC\\server\\share\\mlops.db")).isTrue();
        assertThat(LocalDisk.isUnc("\\\\?\\C:\\data\\mlops.db")).isFalse();
        assertThat(LocalDisk.isUnc("\\\\.\\C:\\data\\mlops.db")).isFalse();
        assertThat(LocalDisk.isUnc("C:\\data\\mlops.db")).isFalse();
        assertThat(LocalDisk.isUnc("/data/mlops.db")).isFalse();
    }

    @Test
    void aFolderOfTheTestsIsLocalEvenIfItIsYetToBeMade(@TempDir Path folder) {
        assertThatCode(() -> LocalDisk.require(folder.resolve("not/there/yet.db")))
                .doesNotThrowAnyException();
    }

    @Test
    void theRefusalNamesTheFileThePlaceAndTheRemedy() {
        Path file = Path.of("/mnt/team/mlops.db");
        assertThatThrownBy(() -> LocalDisk.require(file, "nfs4"))
                .isInstanceOf(StorageException.class)
                .hasMessageContaining(file.toString())
                .hasMessageContaining("'nfs4'")
                .hasMessageContaining("local disk")
                .hasMessageContaining("PostgreSQL");
        assertThatCode(() -> LocalDisk.require(file, "ext4")).doesNotThrowAnyException();
    }
}
