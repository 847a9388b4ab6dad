// The part of UniTask that the optional assembly uses; a task is a plain one underneath.
using System;
using System.Runtime.CompilerServices;
using System.Threading;
using System.Threading.Tasks;

namespace Cysharp.Threading.Tasks
{
    public readonly struct UniTask
    {
        public static UniTask<T> FromResult<T>(T value) => new UniTask<T>(Task.FromResult(value));
        public static UniTask<T> FromCanceled<T>(CancellationToken cancellationToken = default) => new UniTask<T>(Task.FromCanceled<T>(cancellationToken));
    }

    public readonly struct UniTask<T>
    {
        readonly Task<T> _task;

        internal UniTask(Task<T> task) { _task = task; }

        public TaskAwaiter<T> GetAwaiter() => _task.GetAwaiter();
    }

    public class UniTaskCompletionSource<T>
    {
        readonly TaskCompletionSource<T> _source = new TaskCompletionSource<T>();

        public UniTask<T> Task => new UniTask<T>(_source.Task);
        public bool TrySetResult(T result) => _source.TrySetResult(result);
        public bool TrySetException(Exception exception) => _source.TrySetException(exception);
        public bool TrySetCanceled(CancellationToken cancellationToken = default) => _source.TrySetCanceled(cancellationToken);
    }
}
