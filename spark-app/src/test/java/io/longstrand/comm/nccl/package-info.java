/** Tests of communication between devices. */
package io.longstrand.comm.nccl;
