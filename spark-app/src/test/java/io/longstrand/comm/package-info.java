/** One contract for whatever carries messages between ranks, and tests of what each adds. */
package io.longstrand.comm;
