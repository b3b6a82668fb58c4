/** From a folder of files to a loaded model: signature, descriptor, files, loaders, decorators. */
@NullMarked
package io.jvmlops.api.model;

import org.jspecify.annotations.NullMarked;
