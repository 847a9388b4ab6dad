#nullable enable
using System;
using System.Threading;
using Cysharp.Threading.Tasks;

namespace CompanionBridge
{
    /// <summary>The conversation ended or was refused while it was waited for.</summary>
    public sealed class CompanionException : Exception
    {
        public CompanionException(SessionFault fault) : base(fault.Message)
        {
            Code = fault.Code;
        }

        /// <summary>A code of the protocol.</summary>
        public string Code { get; }
    }

    /// <summary>Waiting for a companion with UniTask. Call and await on the main thread; a cancelled token throws OperationCanceledException.</summary>
    public static class CompanionUniTasks
    {
        /// <summary>Connect and wait for the welcome.</summary>
        /// <exception cref="CompanionException">The server refused, with its code.</exception>
        public static UniTask<Welcome> ConnectAsync(this CompanionClient client, CancellationToken cancelled = default)
        {
            Conversation conversation = client.Conversation;
            if (cancelled.IsCancellationRequested) return UniTask.FromCanceled<Welcome>(cancelled);
            if (client.IsConnected) return UniTask.FromResult(conversation.Session.Welcome!);
            Waiting<Welcome> waiting = new Waiting<Welcome>(conversation, cancelled);
            Action<Welcome> welcomed = waiting.Done;
            conversation.Welcomed += welcomed;
            waiting.Ended = () => conversation.Welcomed -= welcomed;
            client.Connect();
            return waiting.Task;
        }

        /// <summary>Say this as the user, and wait until the answer has been heard to its end; its words. "" when it was cut before the first.</summary>
        /// <exception cref="CompanionException">The conversation ended meanwhile.</exception>
        /// <exception cref="ArgumentException">The words are empty or too many.</exception>
        public static UniTask<string> AskAsync(this CompanionClient client, string text, CancellationToken cancelled = default)
        {
            if (cancelled.IsCancellationRequested) return UniTask.FromCanceled<string>(cancelled);
            Conversation conversation = client.Conversation;
            Waiting<string> waiting = new Waiting<string>(conversation, cancelled);
            long turn = 0;
            System.Text.StringBuilder words = new System.Text.StringBuilder();
            Action<Heard> heard = one =>
            {
                if (one.Kind == HeardKind.Began && turn == 0) turn = one.Turn;
                if (one.Turn != turn) return;
                if (one.Kind == HeardKind.Word) words.Append(words.Length > 0 ? one.Gap : one.Gap.TrimStart()).Append(one.Text);
                else if (one.Kind == HeardKind.Ended) waiting.Done(words.ToString());
            };
            // What was being said ends first: it is not the answer.
            if (!conversation.Say(text))
            {
                waiting.Done("");
                throw new ArgumentException("empty or too long for the server", nameof(text));
            }
            conversation.HeardNow += heard;
            waiting.Ended = () => conversation.HeardNow -= heard;
            return waiting.Task;
        }

        /// <summary>Wait until the companion does this.</summary>
        public static UniTask<CompanionState> WaitForAsync(this CompanionClient client, CompanionState state, CancellationToken cancelled = default)
        {
            if (cancelled.IsCancellationRequested) return UniTask.FromCanceled<CompanionState>(cancelled);
            Conversation conversation = client.Conversation;
            if (client.State == state) return UniTask.FromResult(state);
            Waiting<CompanionState> waiting = new Waiting<CompanionState>(conversation, cancelled);
            Action<CompanionState> changed = now =>
            {
                if (now == state) waiting.Done(now);
            };
            conversation.StateChanged += changed;
            waiting.Ended = () => conversation.StateChanged -= changed;
            return waiting.Task;
        }

        // Something that is waited for until it is done, the token is cancelled, or the conversation is over.
        sealed class Waiting<T>
        {
            readonly UniTaskCompletionSource<T> _source = new UniTaskCompletionSource<T>();
            readonly Conversation _conversation;
            readonly CancellationTokenRegistration _stop;
            bool _over;

            public Waiting(Conversation conversation, CancellationToken cancelled)
            {
                _conversation = conversation;
                conversation.StatusChanged += Status;
                _stop = cancelled.Register(() =>
                {
                    if (End()) _source.TrySetCanceled(cancelled);
                });
            }

            public Action Ended { get; set; } = () => { };

            public UniTask<T> Task => _source.Task;

            public void Done(T result)
            {
                if (End()) _source.TrySetResult(result);
            }

            void Status(SessionStatus status, SessionFault? fault)
            {
                if (status != SessionStatus.Over || !End()) return;
                _source.TrySetException(new CompanionException(fault ?? new SessionFault("closed", "The conversation is over.")));
            }

            bool End()
            {
                if (_over) return false;
                _over = true;
                _stop.Dispose();
                _conversation.StatusChanged -= Status;
                Ended();
                return true;
            }
        }
    }
}
